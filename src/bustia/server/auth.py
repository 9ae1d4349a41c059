"""Who may log in: passwords against the directory, without stalling anyone and without telling who exists.

Invariants
- A hash is computed in a pool of few threads, never in the event loop's; when too many wait the answer is BUSY, before any work.
- A wrong password, an unknown address and a disabled account cost one hash and get one text (threats D2).
- A right password is known again for a while by a keyed digest over account, credential version and password: the key lives in this
  process only, and a changed password has another version. Nothing is remembered of a wrong one.
- A password is not even looked at unless it came under TLS or never left the machine.
"""

from __future__ import annotations

import asyncio
import hmac
import time
import unicodedata
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from bustia.model.reason import Reason, Refused
from bustia.net.stream import Stream
from bustia.server.settings import AuthSettings
from bustia.store.api import AccountRecord, Directory

FAILED = "Authentication failed"  # the one text for every kind of failure
MAX_PASSWORD = 1024  # octets of UTF-8; argon2 reads it all, so a longer one is only work


def password_hasher(settings: AuthSettings) -> Callable[[str], str]:
    """A function from a password to the hash that the directory keeps (argon2id, RFC 9106); each call takes tens of milliseconds."""
    hasher = _hasher(settings)
    return lambda password: hasher.hash(_prepared(password))


def _hasher(settings: AuthSettings) -> PasswordHasher:
    return PasswordHasher(time_cost=settings.passes, memory_cost=settings.memory_kib, parallelism=1)


def _prepared(password: str) -> str:
    """The password as compared: NFC, so that two keyboards type the same one (RFC 8265 §4.2.2)."""
    return unicodedata.normalize("NFC", password)


def _octets(text: str) -> int:
    """Its length in UTF-8, 0 if it has none (a lone surrogate)."""
    try:
        return len(text.encode())
    except UnicodeEncodeError:
        return 0


class Authenticator:
    """Checks passwords for every protocol of this process.

    `key` is at least 16 random octets, new in each process. `clock` gives seconds and never goes back.
    """

    def __init__(
        self,
        directory: Directory,
        settings: AuthSettings,
        *,
        key: bytes,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        if len(key) < 16:
            raise ValueError("the key must have at least 16 octets")
        self._directory = directory
        self._settings = settings
        self._key = key
        self._clock = clock
        self._hasher = _hasher(settings)
        self._nobody = self._hasher.hash(key.hex())  # what an unknown address is checked against
        self._pool = ThreadPoolExecutor(settings.workers, thread_name_prefix="password")
        self._under_way = 0
        self._remembered: OrderedDict[bytes, float] = OrderedDict()  # digest of a right password -> until when

    def offers_passwords(self, stream: Stream) -> bool:
        """Whether a password may be sent over this stream: under TLS, or from this machine (RFC 8314 §4.1)."""
        return stream.is_tls or stream.peer.is_loopback or self._settings.plain_without_tls

    async def login(self, identity: str, password: str, stream: Stream) -> AccountRecord:
        """The account of that address and password. Raises Refused AUTHENTICATION_FAILED, PRIVACY_REQUIRED, BUSY."""
        if not self.offers_passwords(stream):
            raise Refused(Reason.PRIVACY_REQUIRED, "Not without TLS")
        if "\0" in identity + password or not 0 < _octets(password) <= MAX_PASSWORD:
            raise Refused(Reason.AUTHENTICATION_FAILED, FAILED)
        record = self._directory.find(identity)
        prepared = _prepared(password)
        digest = self._digest(record, prepared) if record is not None else b""
        if record is not None and record.enabled and self._knows(digest):
            return record
        right = await self._check(self._nobody if record is None else record.password_hash, prepared)
        if record is None or not record.enabled or not right:
            raise Refused(Reason.AUTHENTICATION_FAILED, FAILED)
        self._remember(digest)
        return record

    def close(self) -> None:
        """Ends the pool; checks under way are finished, waiting ones are not begun."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    async def _check(self, password_hash: str, password: str) -> bool:
        if self._under_way >= self._settings.workers + self._settings.waiting:
            raise Refused(Reason.BUSY, "Too many logins at once, try again")
        self._under_way += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, self._verify, password_hash, password)
        finally:
            self._under_way -= 1

    def _verify(self, password_hash: str, password: str) -> bool:
        try:
            return self._hasher.verify(password_hash, password)
        except (VerificationError, InvalidHashError):
            return False

    def _digest(self, record: AccountRecord, password: str) -> bytes:
        text = f"{record.id}\0{record.credential_version}\0{password}"
        return hmac.digest(self._key, text.encode(), "sha256")

    def _knows(self, digest: bytes) -> bool:
        until = self._remembered.get(digest)
        return until is not None and self._clock() < until

    def _remember(self, digest: bytes) -> None:
        self._remembered[digest] = self._clock() + self._settings.remembered_seconds
        self._remembered.move_to_end(digest)
        while len(self._remembered) > self._settings.remembered:
            self._remembered.popitem(last=False)
