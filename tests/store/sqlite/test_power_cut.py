"""A power cut at any moment: what was acknowledged is there, and what was under way is there whole or not at all (threats A3).

A store makes random changes on a disk that remembers. At many moments the files are made as a cut would have left them, and opened:
they must hold the state of the last acknowledged change, or of the one under way, and `verify` must find nothing.
`BUSTIA_IMAGES` says at how many moments.
"""

from __future__ import annotations

import itertools
import os
import shutil
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from random import Random

import apsw
import pytest

import loops
from bustia.model.flags import FlagChange, Flags
from bustia.model.mailbox import MailboxName
from bustia.model.number_set import NumberSet
from bustia.model.numbers import MAX_UID, MailboxID
from bustia.model.reason import Refused
from bustia.store.api import BIN_SECONDS, Arrival, Column, ReadTxn, WriteTxn
from bustia.store.sqlite import open_account, upkeep
from bustia.store.sqlite.cache import AccountCache
from bustia.store.sqlite.connection import Patience, connect
from bustia.store.sqlite.prepare import prepare
from bustia.store.sqlite.read_txn import SqliteReadTxn
from bustia.store.sqlite.store import SqliteStore
from bustia.store.sqlite.verify import faults
from power_cut import Disk, Image, What, recorded
from stores import ALICE, NEVER_LOOKS, NOW

IMAGES = int(os.environ.get("BUSTIA_IMAGES", "150"))
CHANGES = 120
ALL = NumberSet(((1, MAX_UID),))
COLUMNS = (Column.UID, Column.FLAGS, Column.MODSEQ, Column.MAIL, Column.SIZE, Column.UIDL, Column.SUBJECT)
State = tuple[object, ...]


def state(txn: ReadTxn) -> State:
    """Everything that clients can learn."""
    boxes = txn.mailboxes()
    return (
        txn.modseq(),
        txn.keywords(),
        *((box, txn.messages(box.id, ALL, COLUMNS)) for box in boxes),
    )


def change(random: Random, number: int) -> Callable[[WriteTxn], object]:
    """A random change, the same each time it runs."""
    kind = random.choice(
        ("append", "append", "append", "flags", "copy", "move", "expunge", "create", "rename", "delete")
    )
    octets = b"Subject: mail %d\r\n\r\n" % number + random.randbytes(random.choice((100, 3_000, 30_000)))
    arrivals = [Arrival(prepare(octets + bytes([n])), Flags(n), NOW) for n in range(random.randint(1, 3))]
    choice = random.random()

    def run(txn: WriteTxn) -> None:
        boxes = txn.mailboxes()
        box, other = boxes[int(choice * len(boxes))], boxes[0]
        some = _some(txn, box.id, choice)
        match kind:
            case "append":
                txn.append(box.id, arrivals)
            case "flags":
                txn.change_flags(box.id, some, FlagChange.ADD, txn.make_flags([f"k{number % 7}", "\\Seen"]))
            case "copy":
                txn.copy(box.id, some, other.id)
            case "move" if box != other:
                txn.move(box.id, some, other.id)
            case "expunge":
                txn.expunge(box.id, some, only_deleted=False)
            case "create":
                txn.create_mailbox(MailboxName(f"made{number}"))
            case "rename" if box.name.text.startswith("made"):
                txn.rename_mailbox(box.name, MailboxName(f"made{number}"))
            case "delete" if box.name.text.startswith("made"):
                txn.delete_mailbox(box.name)

    return run


def _some(txn: ReadTxn, mailbox: MailboxID, choice: float) -> NumberSet:
    uids = list(txn.view(mailbox).uids)
    return NumberSet.of(uids[int(choice * len(uids)) :][:5])


def work(root: Path, disk: Disk, random: Random) -> list[State]:
    """Changes an account at random, noting each acknowledgement on the disk; the state after each."""
    now = [float(NOW)]
    names = itertools.count()
    settings = replace(NEVER_LOOKS, look_seconds=0.005)
    states: list[State] = []

    async def run() -> None:
        store = SqliteStore(root, lambda: now[0], lambda: f"n{next(names)}", settings)
        await store.start()
        account = store.account(ALICE)
        for number in range(CHANGES):
            if number % 10 == 9:
                now[0] += BIN_SECONDS
            try:
                await account.write(change(random, number), heavy=bool(number % 3))
            except Refused as refused:
                raise AssertionError(f"change {number}: {refused}") from refused
            disk.note(number)
            states.append(await account.read(state))
        await store.aclose()

    loops.run(run())
    return states


def found_in(path: Path) -> State | None:
    """The state of an account's file after a cut, None if the account was not made yet. Raises apsw.Error, ValueError if the file is not sound."""
    with closing(connect(path, Patience(0), 1 << 20)) as connection:
        if not connection.pragma("user_version"):
            return None
        wrong = list(faults(connection))
        if wrong:
            raise ValueError(str(wrong))
        connection.execute("BEGIN")
        found = state(SqliteReadTxn(connection, NOW, AccountCache(), None))
        connection.execute("ROLLBACK")
        return found


def lost(root: Path, disk: Disk, states: list[State], images: int, random: Random) -> list[str]:
    """What each of so many power cuts lost or broke."""
    cuts = set(random.sample(range(len(disk.events)), images))
    image = Image()
    acknowledged = -1
    wrong = []
    for number, event in enumerate(disk.events):
        image.take(event)
        if not event.path:
            acknowledged = event.at
        if number not in cuts:
            continue
        target = root / "cut"
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir()
        image.write(root / "store", target, random)
        path = target / "accounts" / str(ALICE) / "mail.db"
        try:
            found = found_in(path) if path.exists() else None
        except (apsw.Error, ValueError) as error:
            wrong.append(f"cut after event {number}: {error}")
            continue
        possible = states[max(acknowledged, 0) : acknowledged + 2]
        if found not in possible and (acknowledged >= 0 or not _nothing_yet(found)):
            wrong.append(f"cut after event {number}: not the state after change {acknowledged} nor the next")
    return wrong


def _nothing_yet(found: State | None) -> bool:
    return found is None or found[0] == 1


@pytest.fixture
def busy_upkeep(monkeypatch: pytest.MonkeyPatch) -> None:
    """Checkpoints every few changes, and every free page given back."""
    monkeypatch.setattr(open_account, "CHECKPOINT_OCTETS", 40 * 8192)
    monkeypatch.setattr(upkeep, "KEPT_PAGES", 0)
    monkeypatch.setattr(upkeep, "PAGES_AT_ONCE", 4)


@pytest.mark.usefixtures("busy_upkeep")
def test_no_power_cut_loses_what_was_acknowledged(tmp_path: Path) -> None:
    random = Random(1)
    with recorded() as disk:
        states = work(tmp_path / "store", disk, random)
    main = {event.what for event in disk.events if event.path.endswith("mail.db")}
    assert main == {What.WRITTEN, What.CUT, What.FLUSHED}, "there were checkpoints, and pages given back"
    assert lost(tmp_path, disk, states, IMAGES, random) == []


@pytest.mark.usefixtures("busy_upkeep")
@pytest.mark.parametrize("synchronous", ["off", "normal"])
def test_a_store_that_flushes_less_is_found_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, synchronous: str
) -> None:
    def less(path: Path, patience: Callable[[int], bool], cache_octets: int) -> apsw.Connection:
        connection = connect(path, patience, cache_octets)
        connection.pragma("synchronous", synchronous)
        return connection

    monkeypatch.setattr(open_account, "connect", less)
    random = Random(1)
    with recorded() as disk:
        states = work(tmp_path / "store", disk, random)
    assert lost(tmp_path, disk, states, 20, random) != []
