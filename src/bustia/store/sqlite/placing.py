"""COPY, MOVE and EXPUNGE: messages are made and end, mails stay as they are.

Invariants:
- A mail's `places` rises with each copy; a move keeps it; an expunge hands the place over to the bin.
- COPY and MOVE never ask for room (design §2, rule 11).
"""

from __future__ import annotations

from collections.abc import Sequence

from bustia.model.flags import DELETED
from bustia.model.number_set import EMPTY, NumberSet
from bustia.model.numbers import MAX_UID, MailboxID
from bustia.store.api import Copied, MailboxInfo
from bustia.store.sqlite import sql
from bustia.store.sqlite.bin import put_in_bin
from bustia.store.sqlite.ledger import Counts, Ledger
from bustia.store.sqlite.log import Kind
from bustia.store.sqlite.uidls import made_uidl, pass_on_uidls

ALL = NumberSet(((1, MAX_UID),))

_INSERT = (
    "INSERT INTO message(mailbox, uid, flags, modseq, mail, saved, more_flags, uidl, listed, downloaded)"
    " VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)


class _Place:
    """Columns of a row of `_places`."""

    UID, FLAGS, MORE_FLAGS, MAIL, UIDL, LISTED, DOWNLOADED, SIZE = range(8)


def _places(ledger: Ledger, mailbox: MailboxID, uids: NumberSet, having: int = 0) -> list[sql.Row]:
    wanted = sql.wanted(uids)
    return sql.rows(
        ledger.connection,
        "SELECT uid, flags, more_flags, mail, uidl, listed, downloaded, size FROM json_each(?) AS wanted CROSS JOIN message ON mailbox = ?"
        f" AND {wanted.condition} CROSS JOIN mail ON mail.id = message.mail WHERE flags & ? = ?",
        (wanted.json, mailbox, having, having),
    )


def _counts(places: Sequence[sql.Row]) -> Counts:
    return Counts.of((place[_Place.FLAGS], place[_Place.SIZE]) for place in places)


def copy(ledger: Ledger, mailbox: MailboxID, uids: NumberSet, target: MailboxInfo) -> Copied:
    """New messages of the same mails, with the flags and a UIDL of their own."""
    places = _places(ledger, mailbox, uids)
    if not places:
        return Copied(target.uid_validity, (), ())
    modseq = ledger.next_modseq()
    first = ledger.give_uids(target, len(places))
    ledger.connection.executemany(
        _INSERT,
        [
            (target.id, new, flags, modseq, mail, ledger.now, more, None, None, None)
            for new, (_, flags, more, mail, *_) in enumerate(places, first)
        ],
    )
    ledger.connection.executemany(
        "UPDATE mail SET places = places + 1 WHERE id = ?", [(place[_Place.MAIL],) for place in places]
    )
    ledger.connection.execute("UPDATE mailbox SET copied_at = ? WHERE id = ?", (ledger.now, target.id))
    ledger.settle(target.id, modseq, _counts(places))
    source = tuple(place[_Place.UID] for place in places)
    new_uids = NumberSet(((first, first + len(places) - 1),))
    ledger.record(Kind.COPIED_IN, target.id, modseq, new_uids, peer=mailbox, peer_uids=NumberSet.of(source))
    return Copied(target.uid_validity, source, tuple(new_uids))


def move(ledger: Ledger, mailbox: MailboxInfo, uids: NumberSet, target: MailboxInfo) -> Copied:
    """The same messages at new places: UIDL and what POP3 knows of them go along.

    Within one mailbox they leave at a modseq of their own, since an entry of the log has its mailbox and modseq to itself.
    """
    places = _places(ledger, mailbox.id, uids)
    if not places:
        return Copied(target.uid_validity, (), ())
    modseq = ledger.next_modseq()
    first = ledger.give_uids(target, len(places))
    ledger.connection.executemany(
        _INSERT,
        [
            (
                target.id,
                new,
                flags,
                modseq,
                mail,
                ledger.now,
                more,
                uidl or made_uidl(mailbox.uid_validity, uid),
                listed,
                downloaded,
            )
            for new, (uid, flags, more, mail, uidl, listed, downloaded, _) in enumerate(places, first)
        ],
    )
    source = tuple(place[_Place.UID] for place in places)
    gone = _delete(ledger, mailbox.id, source)
    counts = _counts(places)
    ledger.settle(target.id, modseq, counts)
    left = ledger.next_modseq() if mailbox.id == target.id else modseq
    ledger.settle(mailbox.id, left, -counts)
    new_uids = NumberSet(((first, first + len(places) - 1),))
    ledger.record(Kind.MOVED_OUT, mailbox.id, left, gone, peer=target.id, peer_uids=new_uids)
    ledger.record(Kind.MOVED_IN, target.id, modseq, new_uids, peer=mailbox.id, peer_uids=gone)
    return Copied(target.uid_validity, source, tuple(new_uids))


def expunge(ledger: Ledger, mailbox: MailboxInfo, uids: NumberSet | None, only_deleted: bool) -> NumberSet:
    """Ends messages; their mails go to the bin. Returns the UIDs that went."""
    places = _places(ledger, mailbox.id, ALL if uids is None else uids, DELETED if only_deleted else 0)
    if not places:
        return EMPTY
    modseq = ledger.next_modseq()
    gone = _delete(ledger, mailbox.id, [place[_Place.UID] for place in places])
    put_in_bin(ledger.connection, modseq, [place[_Place.MAIL] for place in places], ledger.now)
    ledger.settle(mailbox.id, modseq, -_counts(places))
    ledger.record(Kind.EXPUNGED, mailbox.id, modseq, gone)
    uidls = {
        place[_Place.UID]: place[_Place.UIDL] or made_uidl(mailbox.uid_validity, place[_Place.UID]) for place in places
    }
    pass_on_uidls(ledger.connection, mailbox.id, uidls, ledger.now)
    return gone


def _delete(ledger: Ledger, mailbox: MailboxID, uids: Sequence[int]) -> NumberSet:
    gone = NumberSet.of(uids)
    ledger.connection.executemany(
        "DELETE FROM message WHERE mailbox = ? AND uid BETWEEN ? AND ?",
        [(mailbox, first, last) for first, last in gone.ranges],
    )
    return gone
