"""What a handler may use of its session: the account, the selected mailbox, and ways to say things.

Invariants
- Nothing said leaves before the connection is flushed; the session flushes before it waits for the client, so an answer goes out in one write.
- What was said cannot be unsaid: whoever finds that `said` has moved since the command began must not go on after a bug.
- `heard` is the highest modseq that the store's notices named; while it is above the selected mailbox's `mark` the log has news.
- Before login the time is limited in all, however busily or slowly the client speaks; after it each silence by itself (threats C4).
- Notices only note a number and wake the stream of an idling client: they run in the middle of others' work.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from bustia.model.number_set import EMPTY, NumberSet
from bustia.model.numbers import MailboxID, ModSeq
from bustia.model.reason import Reason, Refused
from bustia.protocol.imap.capability import SessionFacts, capabilities
from bustia.protocol.imap.commands import State
from bustia.protocol.imap.response import AtomCode, Condition, Status
from bustia.protocol.imap.responses import Answer
from bustia.protocol.imap.server import Event, ServerConnection, TooLong
from bustia.server.auth import Authenticator
from bustia.server.imap.opened import flag_lists, highest_modseq
from bustia.server.imap.selected import Selected
from bustia.server.imap.settings import ImapSettings
from bustia.server.listener import Connection
from bustia.store.api import Account, AccountRecord, Changes, ReadTxn, Store, WriteTxn

T = TypeVar("T")


MANY = 100  # messages; to change more is heavy work for the store, which leaves the loop's thread


@dataclass(frozen=True, slots=True)
class ImapServices:
    """What all sessions of a process share. `clock` gives seconds since 1970 UTC; without `tls` there is no STARTTLS."""

    store: Store
    authenticator: Authenticator
    settings: ImapSettings
    clock: Callable[[], float]
    tls: ssl.SSLContext | None = None


class EndOfStream(Exception):
    """The client is gone, without LOGOUT."""


class Context:
    """One session, as its handlers see it."""

    __slots__ = (
        "_account",
        "_deadline",
        "_selected",
        "_unwatch",
        "condstore",
        "connection",
        "ended",
        "heard",
        "idling",
        "said",
        "saved",
        "services",
        "shakes_hands",
        "tag",
        "wire",
    )

    def __init__(self, services: ImapServices, connection: Connection, wire: ServerConnection) -> None:
        self.services = services
        self.connection = connection
        self.wire = wire
        self.tag = ""  # of the command that runs
        self.condstore = False  # a CONDSTORE enabling command was given (RFC 7162 §3.1)
        self.saved = EMPTY  # UIDs of `$` (RFC 9051 §6.4.4.1)
        self.said = 0  # how often something was said
        self.ended = False  # BYE was said, or the client is gone
        self.shakes_hands = False  # TLS begins behind the tagged line
        self.heard = ModSeq(0)
        self.idling = False
        self._account: Account | None = None
        self._deadline = asyncio.get_running_loop().time() + services.settings.login_seconds
        self._selected: Selected | None = None
        self._unwatch: Callable[[], None] | None = None

    # Who and what

    @property
    def state(self) -> State:
        """Where the session stands (RFC 9051 §3)."""
        if self.ended:
            return State.LOGOUT
        if self._account is None:
            return State.NOT_AUTHENTICATED
        return State.AUTHENTICATED if self._selected is None else State.SELECTED

    @property
    def account(self) -> Account:
        """The account of the user who logged in; handlers that run after login only may ask."""
        assert self._account is not None
        return self._account

    @property
    def selected(self) -> Selected:
        """The selected mailbox; handlers that run in the selected state only may ask."""
        assert self._selected is not None
        return self._selected

    @property
    def selected_or_none(self) -> Selected | None:
        return self._selected

    @property
    def selected_for_change(self) -> Selected:
        """The selected mailbox. Raises Refused(READ_ONLY) if it was opened by EXAMINE (RFC 9051 §6.3.3)."""
        if self.selected.read_only:
            raise Refused(Reason.READ_ONLY, "Mailbox is read-only")
        return self.selected

    def log_in(self, record: AccountRecord) -> None:
        """The client has proved who it is."""
        self._account = self.services.store.account(record.id)
        self.wire.log_in()

    def capabilities(self) -> tuple[str, ...]:
        """What is announced to this session now."""
        stream = self.connection.stream
        return capabilities(
            SessionFacts(
                authenticated=self._account is not None,
                may_start_tls=self.services.tls is not None and not stream.is_tls,
                may_send_password=self.services.authenticator.offers_passwords(stream),
            )
        )

    # The selected mailbox and its news

    def select(self, selected: Selected) -> None:
        """Enters the selected state."""
        self._selected = selected
        self.saved = EMPTY
        if self._unwatch is None:
            self._unwatch = self.account.watch(self._notice)

    def unselect(self) -> None:
        """Leaves the selected state, if it is in it."""
        self._selected = None
        self.saved = EMPTY
        self.leave()

    def leave(self) -> None:
        """Hears no notices any more."""
        if self._unwatch is not None:
            self._unwatch()
            self._unwatch = None

    def _notice(self, modseq: ModSeq) -> None:
        self.heard = max(self.heard, modseq)
        if self.idling:
            self.connection.stream.wake()

    def enable_condstore(self) -> None:
        """From now on FETCH data of changes carries MODSEQ (RFC 7162 §3.1)."""
        if self._selected is not None and not self.condstore:
            self.say(highest_modseq(self._selected))
        self.condstore = True

    async def write(self, fn: Callable[[WriteTxn], T], *, heavy: bool = False) -> T:
        """As `account.write`; what it did is news to the session at once, however late the notice comes."""
        outcome, modseq = await self.account.write(lambda txn: (fn(txn), txn.modseq()), heavy=heavy)
        self.heard = max(self.heard, modseq)
        return outcome

    def wrote(self, before: ModSeq, after: ModSeq) -> None:
        """This session changed the account from `before` to `after` and tells of it itself: spares reading it in the log."""
        self.heard = max(self.heard, after)
        if self.selected.mark == before:
            self.selected.skip_to(after)

    async def know(self, flags: Iterable[int]) -> None:
        """Makes sure that all keywords among these flags have names here, and tells the client of new ones before their first use."""
        octets = self.selected.flag_octets
        if not octets.knows(max(flags, default=0)):
            self._learn(await self.account.read(lambda txn: txn.keywords()))

    def _learn(self, keywords: Sequence[str]) -> None:
        """Takes the account's keywords of now; what is new is told (RFC 9051 §7.3.5)."""
        if self.selected.flag_octets.learn(keywords):
            self.say(*flag_lists(self.selected))

    async def claim_recent(self, mailbox: MailboxID) -> NumberSet:
        """Makes this session the owner of what is recent there; returns those UIDs (RFC 3501 §2.3.2)."""

        def claim(txn: WriteTxn) -> tuple[int, int]:
            first = txn.claim_recent(mailbox)
            info = txn.mailbox_by_id(mailbox)
            return first, first if info is None else info.uid_next

        first, after = await self.account.write(claim)
        return NumberSet(((first, after - 1),)) if first < after else EMPTY

    async def look(self) -> None:
        """Reads from the log what is new in the selected mailbox. Ends the session if that is gone (RFC 2180 §3.3)."""
        selected = self.selected
        mailbox, mark = selected.mailbox, selected.mark

        def read(txn: ReadTxn) -> tuple[Changes, Sequence[str]]:
            return txn.changes(mailbox, mark), txn.keywords()

        changes, keywords = await self.account.read(read)
        arrived = selected.apply(changes)
        if selected.deleted:
            self.end(Status(None, Condition.BYE, "The selected mailbox was deleted"))
            return
        self._learn(keywords)
        if arrived and not selected.read_only:
            selected.recent = selected.recent | await self.claim_recent(mailbox)

    async def announce(self, may_expunge: bool) -> None:
        """Says what is new in the selected mailbox, if anything is."""
        if self._selected is None or self.ended:
            return
        if self.heard > self._selected.mark:
            await self.look()
        if not self.ended:
            self.say(*self._selected.flush(may_expunge, self.condstore))

    # Saying and hearing

    def say(self, *answers: Answer) -> None:
        """Puts answers behind what was said before."""
        for answer in answers:
            self.say_octets(self.wire.send(answer))

    def say_octets(self, octets: bytes) -> None:
        """Puts a piece of an answer, as it goes on the wire, behind what was said before."""
        self.connection.say(octets)
        self.said += 1

    def end(self, bye: Status) -> None:
        """Says BYE; the session ends when its command is done."""
        self.say(bye)
        self.ended = True

    async def next_event(self) -> Event | None:
        """What the client says next; None when there is news or the server ends. TooLong has been answered with BYE.

        Raises EndOfStream, TimeoutError for a client that was silent or unknown for too long, and ConnectionError if it does not read.
        """
        while True:
            patience = self._patience()
            event = self.wire.next_event()
            if isinstance(event, TooLong):
                self.end(Status(None, Condition.BYE, event.text, AtomCode("TOOBIG")))
            if event is not None:
                return event
            await self.connection.flush()
            octets = await self.connection.read(patience)
            if octets is None:
                return None
            if not octets:
                raise EndOfStream
            self.wire.receive(octets)

    def _patience(self) -> float:
        """Seconds to wait for the client. Raises TimeoutError when the time to log in is over."""
        if self._account is not None:
            return self.services.settings.inactive_seconds
        left = self._deadline - asyncio.get_running_loop().time()
        if left <= 0:
            raise TimeoutError
        return left
