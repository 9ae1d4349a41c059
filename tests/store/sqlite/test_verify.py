"""Verify finds what was altered: one value at a time, and any octet of the file."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import apsw
import pytest

from bustia.model.flags import DELETED, NO_FLAGS, SEEN, FlagChange
from bustia.model.numbers import MailID
from bustia.store.api import Arrival, Column
from bustia.store.sqlite.cache import AccountCache
from bustia.store.sqlite.finding import Kind
from bustia.store.sqlite.prepare import prepare
from bustia.store.sqlite.read_txn import SqliteReadTxn
from bustia.store.sqlite.verify import faults, verify
from store_contract import ALL, Box, mail, numbers
from store_contract import box as open_box

BIG = b"Subject: big\r\n\r\n" + b"many words " * 60_000
NOISE = b"Subject: noise\r\n\r\n" + random.Random(1).randbytes(300_000)


def fill(box: Box) -> None:
    """An account in which every table has rows."""
    inbox = box.inbox
    other = box.create("other")
    keyword = box.write(lambda txn: txn.make_flags(["work", *(f"k{number}" for number in range(70))]))
    box.append(inbox, SEEN, keyword, DELETED, NO_FLAGS, uidl="mine")
    box.write(lambda txn: txn.append(inbox, [Arrival(prepare(octets), NO_FLAGS, 0) for octets in (BIG, NOISE)]))
    box.write(lambda txn: txn.append(other, [Arrival(mail(0), NO_FLAGS, 0)]))
    box.write(lambda txn: txn.copy(inbox, numbers(1, 2), other))
    box.write(lambda txn: txn.move(inbox, numbers(4), other))
    box.write(lambda txn: txn.expunge(inbox))
    box.write(lambda txn: txn.change_flags(other, ALL, FlagChange.ADD, SEEN))


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The file of such an account."""
    root = tmp_path_factory.mktemp("account")
    with open_box(root, "sqlite") as box:
        fill(box)
    return (root / "accounts" / "1" / "mail.db").read_bytes()


@pytest.fixture
def file(sound: bytes, tmp_path: Path) -> Path:
    """A copy to alter."""
    path = tmp_path / "mail.db"
    path.write_bytes(sound)
    return path


@pytest.fixture
def connection(file: Path) -> Iterator[apsw.Connection]:
    opened = apsw.Connection(str(file))
    yield opened
    opened.close()


def kinds(connection: apsw.Connection) -> set[Kind]:
    return {finding.kind for finding in faults(connection)}


def test_sound_account_has_no_findings(connection: apsw.Connection) -> None:
    assert list(faults(connection)) == []


ALTERATIONS: list[tuple[str, Kind]] = [
    ("UPDATE frame SET octets = CAST('x' || substr(octets, 2) AS BLOB) WHERE id & 65535 = 0", Kind.CONTENT),
    ("UPDATE frame SET octets = substr(octets, 2) WHERE id = (SELECT max(id) FROM frame)", Kind.FRAME),
    ("DELETE FROM frame WHERE id = (SELECT max(id) FROM frame)", Kind.FRAME),
    ("INSERT INTO frame VALUES(99 * 65536, x'00')", Kind.FRAME),
    ("UPDATE content SET digest = randomblob(32) WHERE id = 1", Kind.CONTENT),
    ("UPDATE content SET frame_ends = x'00' WHERE id = 1", Kind.FRAME),
    ("UPDATE content SET mails = mails + 1 WHERE id = 1", Kind.COUNTER),
    ("DELETE FROM content WHERE id = 1", Kind.POINTER),
    ("UPDATE mail SET places = places + 1 WHERE id = 1", Kind.COUNTER),
    ("UPDATE mail SET size = size + 1 WHERE id = 1", Kind.FACT),
    ("UPDATE mail SET pop3_size = pop3_size + 1 WHERE id = 1", Kind.FACT),
    ("UPDATE mail SET header_size = 1 WHERE id = 1", Kind.FACT),
    ("UPDATE mail SET has_8bit = 1 - has_8bit WHERE id = 1", Kind.FACT),
    ("UPDATE mail SET envelope = x'00' WHERE id = 1", Kind.FACT),
    ("UPDATE mail SET body_structure = x'00' WHERE id = 1", Kind.FACT),
    ("UPDATE mail SET renderer = 99 WHERE id = 1", Kind.FACT),
    ("UPDATE mail SET id = 999 WHERE id = 1", Kind.POINTER),
    ("UPDATE facts SET subject = 'x' WHERE mail = 1", Kind.FACT),
    ("UPDATE facts SET reference_ids = '' WHERE mail = 1", Kind.FACT),
    ("UPDATE facts SET parts = x'' WHERE mail = 1", Kind.FACT),
    ("UPDATE facts SET header_cache = x'' WHERE mail = 1", Kind.FACT),
    ("DELETE FROM facts WHERE mail = 1", Kind.POINTER),
    ("INSERT INTO facts SELECT 99, * FROM (SELECT '', '', '', 0, '', '', '', 0, x'', x'', x'')", Kind.POINTER),
    ("UPDATE message SET uid = 4000 WHERE uid = 1", Kind.COUNTER),
    ("UPDATE message SET mailbox = 77 WHERE uid = 5", Kind.POINTER),
    ("UPDATE message SET mail = 77 WHERE uid = 1", Kind.POINTER),
    ("UPDATE message SET modseq = 1 << 40 WHERE uid = 1", Kind.COUNTER),
    ("UPDATE message SET modseq = 1 WHERE uid = 1", Kind.LOG),
    ("UPDATE message SET flags = flags | 1 << 62, more_flags = x'ffff' WHERE uid = 1", Kind.COUNTER),
    ("UPDATE message SET flags = (flags | 8) - (flags & 8) WHERE uid = 1", Kind.COUNTER),
    ("UPDATE message SET uidl = 'one'", Kind.COUNTER),
    ("DELETE FROM message WHERE uid = 1", Kind.COUNTER),
    ("UPDATE mailbox SET uid_next = 1", Kind.COUNTER),
    ("UPDATE mailbox SET modseq = 1", Kind.COUNTER),
    ("UPDATE mailbox SET modseq = 1 << 40 WHERE id = 1", Kind.COUNTER),
    ("UPDATE mailbox SET uid_validity = 5", Kind.COUNTER),
    ("UPDATE mailbox SET first_recent = 0 WHERE id = 1", Kind.COUNTER),
    ("UPDATE mailbox SET messages = messages + 1 WHERE id = 1", Kind.COUNTER),
    ("UPDATE mailbox SET unseen = unseen + 1 WHERE id = 1", Kind.COUNTER),
    ("UPDATE mailbox SET deleted = deleted + 1 WHERE id = 1", Kind.COUNTER),
    ("UPDATE mailbox SET octets = octets + 1 WHERE id = 1", Kind.COUNTER),
    ("UPDATE mailbox SET deleted_octets = deleted_octets + 1 WHERE id = 1", Kind.COUNTER),
    ("UPDATE mailbox SET name = 'OUTBOX' WHERE id = 1", Kind.POINTER),
    ("UPDATE mailbox SET name = NULL WHERE id = 1", Kind.POINTER),
    ("UPDATE account SET modseq = 1", Kind.COUNTER),
    ("UPDATE account SET uid_validity = 1", Kind.COUNTER),
    ("UPDATE account SET last_mail = 1", Kind.COUNTER),
    ("UPDATE account SET last_mailbox = 1", Kind.COUNTER),
    ("DELETE FROM account", Kind.COUNTER),
    ("DELETE FROM change", Kind.LOG),
    ("UPDATE change SET uids = 'x'", Kind.LOG),
    ("DELETE FROM bin", Kind.COUNTER),
    ("UPDATE bin SET mails = x'0000000000000077'", Kind.POINTER),
    ("DELETE FROM keyword", Kind.COUNTER),
    ("UPDATE keyword SET name = 'k1' WHERE bit = 5", Kind.COUNTER),
    ("PRAGMA user_version = 99", Kind.SQLITE),
]


@pytest.mark.parametrize(("statement", "kind"), ALTERATIONS, ids=[statement for statement, _ in ALTERATIONS])
def test_an_altered_value_is_found(connection: apsw.Connection, statement: str, kind: Kind) -> None:
    connection.execute(statement)
    assert kind in kinds(connection)


def test_verify_changes_nothing(file: Path, sound: bytes) -> None:
    connection = apsw.Connection(str(file))
    connection.execute("DELETE FROM bin")
    connection.close()
    altered = file.read_bytes()
    assert {finding.kind for finding in verify(file)} == {Kind.COUNTER}
    assert file.read_bytes() == altered != sound


def octets_of(path: Path) -> dict[int, bytes]:
    """The octets of all mails as they can be read."""
    connection = apsw.Connection(str(path))
    txn = SqliteReadTxn(connection, 0, AccountCache(), None)
    found: dict[int, bytes] = {}
    for info in txn.mailboxes():
        for (number,) in txn.messages(info.id, ALL, [Column.MAIL]):
            assert isinstance(number, int)
            for mail_id, content in txn.contents([MailID(number)]).items():
                found[mail_id] = content.read(0, content.size)
    connection.close()
    return found


def test_any_flipped_octet_of_a_message_is_found(file: Path, sound: bytes) -> None:
    """threats A8: either verify finds it, or every mail still reads as it was."""
    before = octets_of(file)
    chance = random.Random(8)
    altered = bytearray(sound)
    missed = found = 0
    for _ in range(120):
        at = chance.randrange(len(sound))
        altered[at] ^= 1 << chance.randrange(8)
        file.write_bytes(altered)
        if list(verify(file)):
            found += 1
        else:
            missed += 1
            assert octets_of(file) == before
        altered[at] = sound[at]
    assert found > missed
