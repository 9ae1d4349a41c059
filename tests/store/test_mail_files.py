"""Reading mail from files: whatever a program left there, its octets come unchanged."""

from __future__ import annotations

import mailbox
from pathlib import Path

import pytest

from bustia.model.flags import ANSWERED, FLAGGED, NO_FLAGS, SEEN
from bustia.store.mail_files import read_mails

ONE = b"From: a@example.org\nSubject: one\n\nText\n"
TWO = b"From: b@example.org\nSubject: two\n\n>From here\nFrom the middle of a text\n"
LINE = b"From a@example.org Mon Sep 24 13:05:01 2001\n"


def write(path: Path, octets: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(octets)
    return path


def test_a_missing_source_is_an_os_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        list(read_mails(tmp_path / "nothing"))


def test_an_empty_file_has_no_mail(tmp_path: Path) -> None:
    assert list(read_mails(write(tmp_path / "empty", b""))) == []


def test_a_link_out_of_the_source_is_not_followed(tmp_path: Path) -> None:
    write(tmp_path / "secret.eml", ONE)
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree" / "link.eml").symlink_to(tmp_path / "secret.eml")
    assert list(read_mails(tmp_path / "tree")) == []


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_an_mbox_is_cut_at_its_separators_only(tmp_path: Path, end: bytes) -> None:
    octets = b"".join((LINE, ONE, b"\n", LINE, TWO, b"\n")).replace(b"\n", end)
    mails = list(read_mails(write(tmp_path / "mail.mbox", octets)))
    assert [mail.octets for mail in mails] == [ONE.replace(b"\n", end), TWO.replace(b"\n", end)]
    assert [mail.arrived for mail in mails] == [1001336701] * 2
    assert [mail.where.rpartition("#")[2] for mail in mails] == ["1", "2"]


def test_an_empty_message_of_an_mbox_is_a_message(tmp_path: Path) -> None:
    mails = list(read_mails(write(tmp_path / "mail", LINE + b"\n" + LINE + ONE)))
    assert [mail.octets for mail in mails] == [b"", ONE]


def test_takeouts_separator_without_date_is_one(tmp_path: Path) -> None:
    line = b"From 1844347792267117879@xxx\n"
    assert len(list(read_mails(write(tmp_path / "mail", line + ONE + b"\n" + line + TWO)))) == 2


def test_the_standard_librarys_mbox_is_read_back(tmp_path: Path) -> None:
    path = tmp_path / "std.mbox"
    box = mailbox.mbox(path)
    for octets in (ONE, TWO):
        box.add(mailbox.mboxMessage(octets))
    box.flush()
    box.close()
    assert [mail.octets.count(b"Subject:") for mail in read_mails(path)] == [1, 1]


def test_status_fields_give_flags(tmp_path: Path) -> None:
    octets = LINE + b"Status: RO\nX-Status: AF\nSubject: x\n\nStatus: D\n"
    (mail,) = read_mails(write(tmp_path / "mail", octets))
    assert mail.flags == SEEN | ANSWERED | FLAGGED


def test_a_maildir_gives_flags_dates_and_mailboxes(tmp_path: Path) -> None:
    for folder in ("cur", "new", "tmp", ".Work.2024/cur", ".Work.2024/new", ".Work.2024/tmp"):
        (tmp_path / folder).mkdir(parents=True)
    write(tmp_path / "cur" / "1001336701.1.host:2,FS", ONE)
    write(tmp_path / "new" / "1001336702.2.host", TWO)
    write(tmp_path / "tmp" / "1001336703.3.host", b"half a mes")
    write(tmp_path / ".Work.2024" / "cur" / "1001336704.4.host:2,R", TWO)
    mails = {mail.where.rpartition("/")[2]: mail for mail in read_mails(tmp_path)}
    assert {name: (mail.mailbox, mail.flags, mail.arrived) for name, mail in mails.items()} == {
        "1001336701.1.host:2,FS": ("", FLAGGED | SEEN, 1001336701),
        "1001336702.2.host": ("", NO_FLAGS, 1001336702),
        "1001336704.4.host:2,R": ("Work/2024", ANSWERED, 1001336704),
    }


def test_a_tree_gives_its_folders_as_mailboxes(tmp_path: Path) -> None:
    write(tmp_path / "2024" / "a.eml", ONE)
    write(tmp_path / "2024" / "list.mbox", LINE + TWO)
    write(tmp_path / "b.eml", TWO)
    assert sorted((mail.mailbox, mail.octets) for mail in read_mails(tmp_path)) == [
        ("", TWO),
        ("2024", ONE),
        ("2024/list", TWO),
    ]
