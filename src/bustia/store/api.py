"""The store as its users see it: what it holds, what may be asked, what is promised. No backend is named here.

Nouns (design: one store, two nouns)
- A *mail* is an immutable thing: octets and the facts about them. It has a `MailID`, inherited by COPY and MOVE.
- A *message* is a mail's place: mailbox, UID, flags, modseq, save date, UIDL. COPY and MOVE write only places.

Promises, held by `tests/contracts/` for every backend
- `await account.write(fn)` returns only after what `fn` did is flushed to disk; if it raises, nothing of `fn` is visible, ever.
- `fn` runs with one transaction and has no other effects: it may run twice, and in another thread. Nothing inside may touch a socket or the event loop.
- Counters (UIDNEXT, modseq, UIDVALIDITY, row numbers) never fall, also after a crash; a UID is never given twice under one UIDVALIDITY.
- Every change has a modseq from the account's one counter, and is told to watchers (of all processes) as "at least at modseq M" after it is flushed.
- Reads inside one `read` see one state. `ModSeq` is taken before any row is read.
- Whoever asks for UIDs that are gone gets no rows for them, never an error.
- Expunged places stay readable by mail for `BIN_SECONDS`, so that a session which has not been told yet, or a POP3 snapshot, can still read them.
- Methods take sets, not single rows; a `Refused` from inside `fn` undoes `fn` whole.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Protocol, TypeVar

from bustia.message.facts import MailFacts
from bustia.model.flags import FlagChange, Flags
from bustia.model.mailbox import MailboxName, SpecialUse
from bustia.model.number_set import NumberSet
from bustia.model.numbers import UID, AccountID, MailboxID, MailID, ModSeq, UIDValidity
from bustia.model.search_key import SearchKey

T = TypeVar("T")

BIN_SECONDS = 86_400  # how long expunged places stay readable; no IMAP or POP3 session may keep a snapshot longer


class Origin(Enum):
    """Who caused an entry of the change log; only a user's are ever pushed to a remote server."""

    USER = 0
    PULLED = 1
    POLICY = 2


@dataclass(frozen=True, slots=True)
class MailboxInfo:
    """One mailbox with its counters, all of one moment."""

    id: MailboxID
    name: MailboxName
    uid_validity: UIDValidity
    uid_next: UID
    highest_modseq: ModSeq  # of any change in this mailbox, at least 1
    special_use: SpecialUse | None
    subscribed: bool
    messages: int
    unseen: int  # without \Seen
    deleted: int  # with \Deleted
    octets: int  # sum of the sizes of its messages
    deleted_octets: int  # sum of the sizes of those with \Deleted (RFC 9208 §4.1.4)
    first_recent: UID  # messages from this UID on were in no read-write session yet (RFC 3501 §2.3.2)


class Column(Enum):
    """What `ReadTxn.messages` can give of each message, and its Python type."""

    UID = "uid"  # int
    FLAGS = "flags"  # int, see model.flags
    MODSEQ = "modseq"  # int
    MAIL = "mail"  # int, MailID
    SAVED = "saved"  # int, seconds since 1970 UTC when the message came into this mailbox (RFC 8514 §2)
    UIDL = "uidl"  # str, RFC 1939 §7: 1 to 70 characters 0x21 to 0x7E
    INTERNAL_DATE = "internal_date"  # int, seconds since 1970 UTC
    SIZE = "size"  # int, octets as stored
    POP3_SIZE = "pop3_size"  # int, octets of the CRLF-normalised form
    HEADER_SIZE = "header_size"  # int
    ENVELOPE = "envelope"  # bytes, and the further ones as MailFacts says
    BODY = "body"
    BODY_STRUCTURE = "body_structure"
    HAS_8BIT = "has_8bit"  # int, 0 or 1
    PARTS = "parts"
    HEADER_CACHE = "header_cache"
    PREVIEW = "preview"  # str
    SUBJECT = "subject"  # str
    SENT_DAY = "sent_day"  # int, proleptic ordinal of the Date field's own day, or None without a usable Date
    RENDERER = "renderer"  # int


@dataclass(frozen=True, slots=True)
class Changes:
    """What happened to one mailbox after a modseq; `modseq` is the new mark, read before the rows.

    `expunged` may name UIDs that the asker never knew. `changed` are (uid, flags, modseq) of living messages, new ones included, rising by UID.
    `deleted` says that the mailbox itself is gone.
    """

    modseq: ModSeq
    uid_next: UID
    expunged: NumberSet
    changed: tuple[tuple[int, int, int], ...]
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class View:
    """All of a mailbox in UID order, as SELECT needs it: parallel arrays, to be treated as read-only (they are shared).

    `modseq` was read before the rows. `flags` are numbers of `model.flags`.
    """

    modseq: ModSeq
    uids: array[int]
    flags: Sequence[int]


@dataclass(frozen=True, slots=True)
class FlagsChanged:
    """Outcome of a STORE: the messages that now stand with (uid, flags, modseq), changed or not, and those that UNCHANGEDSINCE spared (RFC 7162 §3.1.3)."""

    messages: tuple[tuple[int, int, int], ...]
    modified: NumberSet
    modseq: ModSeq


@dataclass(frozen=True, slots=True)
class Copied:
    """Outcome of COPY or MOVE: the i-th source UID became the i-th target UID (RFC 4315 §3, COPYUID)."""

    uid_validity: UIDValidity
    source: tuple[int, ...]
    target: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Quota:
    """Room used and allowed, in octets and messages; a limit of None is no limit (RFC 9208 §5)."""

    octets: int
    octets_limit: int | None
    messages: int
    messages_limit: int | None


@dataclass(frozen=True, slots=True)
class Prepared:
    """A mail ready to be filed by one short transaction: facts, hash and compressed frames, made outside it by `store.prepare`."""

    facts: MailFacts
    digest: bytes  # SHA-256 of the octets, 32 octets
    frames: tuple[bytes, ...]
    frame_ends: tuple[int, ...]  # offsets in the octets where each frame ends; the last is the size


@dataclass(frozen=True, slots=True)
class Arrival:
    """One message to file: its mail, flags, INTERNALDATE in seconds since 1970 UTC, and a wanted UIDL (kept if free)."""

    mail: Prepared
    flags: Flags
    internal_date: int
    uidl: str | None = None
    origin: Origin = Origin.USER


class Content(Protocol):
    """The stored octets of one mail, readable inside the transaction that gave it."""

    size: int

    def read(self, start: int, end: int) -> bytes:
        """Octets start..end (end excluded), cut at the size; opens only the frames it needs."""
        ...


class ReadTxn(Protocol):
    """One consistent state of an account."""

    now: int  # seconds since 1970 UTC, of this transaction

    def modseq(self) -> ModSeq:
        """The account's highest modseq."""
        ...

    def mailboxes(self) -> list[MailboxInfo]:
        """All mailboxes, INBOX first, then by name."""
        ...

    def mailbox(self, name: MailboxName) -> MailboxInfo:
        """The mailbox of that name. Raises Refused(NOT_FOUND)."""
        ...

    def mailbox_by_id(self, mailbox: MailboxID) -> MailboxInfo | None: ...

    def subscriptions(self) -> frozenset[str]:
        """Subscribed names, also of mailboxes that do not exist (RFC 9051 §6.3.7)."""
        ...

    def keywords(self) -> tuple[str, ...]:
        """The account's keyword table: entry n is flag bit FIRST_KEYWORD_BIT + n; it only grows."""
        ...

    def known_flags(self, names: Iterable[str]) -> Flags:
        """The bits of those flag names that the account knows; unknown names give no bit."""
        ...

    def view(self, mailbox: MailboxID) -> View:
        """All messages of a mailbox. Raises Refused(NOT_FOUND) when it is gone."""
        ...

    def changes(self, mailbox: MailboxID, since: ModSeq) -> Changes: ...

    def expunged_since(self, mailbox: MailboxID, since: ModSeq, known: NumberSet) -> NumberSet:
        """UIDs of `known` expunged after `since`; below the pruned mark all of `known` that are not living (RFC 7162 §3.2.6)."""
        ...

    def messages(
        self, mailbox: MailboxID, uids: NumberSet, columns: Sequence[Column], most: int | None = None
    ) -> list[tuple[object, ...]]:
        """One tuple per living message in `uids`, rising by UID, values in the order of `columns`.

        With `most`, the last tuple is the first with which ENVELOPE, BODY, BODY_STRUCTURE, PARTS and HEADER_CACHE have together so many octets:
        each of them may have nearly as many as its mail. Whoever wants the others asks again for what is above the last UID.
        """
        ...

    def contents(self, mails: Sequence[MailID]) -> dict[MailID, Content]:
        """The contents of mails, also of expunged ones still in the bin; one that is gone is missing from the answer."""
        ...

    def search(self, mailbox: MailboxID, key: SearchKey) -> list[int]:
        """UIDs that match, rising. Text is compared as substring after folding (RFC 9051 §6.4.4). Raises ValueError for keys that handlers resolve."""
        ...

    def quota(self) -> Quota: ...


class WriteTxn(ReadTxn, Protocol):
    """One change of an account, whole or not at all."""

    def create_mailbox(self, name: MailboxName, special_use: SpecialUse | None = None) -> MailboxInfo:
        """Raises Refused(ALREADY_EXISTS) for a name that exists, Refused(LIMIT) for too many, Refused(ALREADY_EXISTS) for a role already given."""
        ...

    def rename_mailbox(self, old: MailboxName, new: MailboxName) -> None:
        """Renames with all descendants; of INBOX moves the messages into a new mailbox and leaves the descendants (RFC 9051 §6.3.6).

        Raises Refused NOT_FOUND, ALREADY_EXISTS (also if a descendant's new name exists), NOT_ALLOWED (into its own descendant).
        A name that exists only as the parent of others may be renamed too.
        """
        ...

    def delete_mailbox(self, name: MailboxName) -> None:
        """Raises Refused NOT_FOUND, NOT_ALLOWED (INBOX). Descendants stay; the name then is only a parent (RFC 9051 §6.3.5).

        Raises HAS_CHILDREN where the name is only a parent already.
        """
        ...

    def set_subscribed(self, names: Iterable[str], subscribed: bool) -> None: ...

    def make_flags(self, names: Iterable[str]) -> Flags:
        """The bits of these flag names; new keywords are entered.

        Raises Refused LIMIT when the table is full or a name too long, UNSUPPORTED for a `\\Name` that is no system flag (RFC 9051 §2.3.2).
        """
        ...

    def append(self, mailbox: MailboxID, arrivals: Sequence[Arrival]) -> list[UID]:
        """Files messages. Raises Refused OVER_QUOTA, NOT_FOUND."""
        ...

    def change_flags(
        self,
        mailbox: MailboxID,
        uids: NumberSet,
        change: FlagChange,
        flags: Flags,
        unchanged_since: ModSeq | None = None,
    ) -> FlagsChanged: ...

    def copy(self, mailbox: MailboxID, uids: NumberSet, target: MailboxID) -> Copied:
        """Never refused for room (design §2, rule 11)."""
        ...

    def move(self, mailbox: MailboxID, uids: NumberSet, target: MailboxID) -> Copied:
        """As copy and expunge at once (RFC 9051 §6.4.8); keeps UIDLs. Into the same mailbox the messages get new UIDs (RFC 6851 §3.3)."""
        ...

    def expunge(self, mailbox: MailboxID, uids: NumberSet | None = None, only_deleted: bool = True) -> NumberSet:
        """Expunges messages (all, or those of `uids`) that have \\Deleted, or whatever their flags; returns the UIDs that went."""
        ...

    def claim_recent(self, mailbox: MailboxID) -> UID:
        """Returns `first_recent` and moves it to UIDNEXT: the caller's session owns those messages' \\Recent."""
        ...

    def note_pop3(self, mailbox: MailboxID, listed: NumberSet, downloaded: NumberSet) -> None:
        """Keeps that a POP3 session listed the UIDLs of these messages and downloaded those (first time counts)."""
        ...

    def set_quota(self, octets: int | None, messages: int | None) -> None: ...


class Account(Protocol):
    """A handle on one account, cheap to keep: no file stays open for it. Shared by all sessions of a process."""

    id: AccountID

    async def read(self, fn: Callable[[ReadTxn], T], *, heavy: bool = False) -> T:
        """Runs `fn` on one state. `heavy` (contents, SEARCH, more than 500 rows) always leaves the event loop's thread."""
        ...

    async def write(self, fn: Callable[[WriteTxn], T], *, heavy: bool = False) -> T:
        """Runs `fn` in a transaction, flushed when this returns; grouped with others' writes. Raises Refused DISK_FULL, BUSY, DAMAGED or what `fn` raises.

        `heavy` (more than 64 KiB of frames to file, more than 100 messages to change) always leaves the event loop's thread.
        """
        ...

    def watch(self, told: Callable[[ModSeq], None]) -> Callable[[], None]:
        """Calls `told` in the event loop after every change by anyone, in this process or another; returns what ends the watch."""
        ...


@dataclass(frozen=True, slots=True)
class AccountRecord:
    """An account as the directory knows it. `password_hash` is opaque here; `credential_version` rises with every change of it."""

    id: AccountID
    address: str
    password_hash: str
    credential_version: int
    enabled: bool


class Directory(Protocol):
    """Who has an account; small synchronous look-ups, safe from any thread. Addresses compare without regard to case."""

    def find(self, address: str) -> AccountRecord | None:
        """The account that may log in as `address`."""
        ...

    def resolve(self, recipient: str) -> AccountRecord | None:
        """The account that gets mail for `recipient`; `user+detail@domain` is user@domain's (RFC 5233 §1)."""
        ...

    def accounts(self) -> list[AccountRecord]: ...

    def create(self, address: str, password_hash: str) -> AccountRecord:
        """Raises Refused(ALREADY_EXISTS)."""
        ...

    def set_password(self, account: AccountID, password_hash: str) -> None: ...

    def set_enabled(self, account: AccountID, enabled: bool) -> None: ...


class Spool(Protocol):
    """Octets of one arriving message, in memory to 256 KiB and then in a file; used by one task."""

    size: int

    def write(self, chunk: bytes | bytearray | memoryview) -> None: ...

    def prepare(self) -> Prepared:
        """Facts, hash and frames of what was written; takes a while: call it off the loop when large."""
        ...

    def close(self) -> None:
        """Gives the memory or file back; safe to call twice."""
        ...


class Store(Protocol):
    """All accounts under one root."""

    @property
    def directory(self) -> Directory: ...

    def account(self, account: AccountID) -> Account: ...

    def spool(self) -> Spool: ...

    async def start(self) -> None:
        """Joins the bus and starts the store's threads and the indexer, in the running event loop."""
        ...

    async def aclose(self) -> None:
        """Ends them; waits for writes under way."""
        ...
