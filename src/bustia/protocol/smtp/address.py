"""Addresses as envelopes carry them, in angle brackets (RFC 5321 §4.1.2, with UTF-8 by RFC 6531 §3.3).

Invariants
- `parse_path(write_path(address)) == address`; a local part is held without its quotes, so that equal mailboxes are equal values.
- No control character, no space outside quotes, nothing that could end a line or a bracket early gets into an address.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

MAX_LOCAL = 256  # octets of a local part; RFC 5321 §4.5.3.1.1 says 64, mailing lists' return paths are longer
MAX_DOMAIN = 255  # octets of a domain (RFC 5321 §4.5.3.1.2)
MAX_ROUTE = 1024  # octets of a source route, which is read and ignored (RFC 5321 §4.1.2, A-d-l)

_ATEXT = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\u0080-\U0010ffff-]"
_DOT_STRING = re.compile(rf"{_ATEXT}++(?:\.{_ATEXT}++)*+")
_LOCAL = re.compile(r"[\x20-\x7e\u0080-\U0010ffff]+")
_LABEL = r"[A-Za-z0-9_\u0080-\U0010ffff](?:[A-Za-z0-9_\u0080-\U0010ffff-]*[A-Za-z0-9_\u0080-\U0010ffff])?"
_DOMAIN = re.compile(rf"{_LABEL}(?:\.{_LABEL})*|\[[\x21-\x5a\x5e-\x7e]+\]")
_PATH = re.compile(
    rf"<(?:(?P<route>@[^:<>\s\"]{{1,{MAX_ROUTE}}}):)?"
    r'(?:"(?P<quoted>(?:[^"\\]|\\[\x20-\x7e])*+)"|(?P<dotted>[^"@<>]+))'
    r"(?:@(?P<domain>[^@<>]+))?>"
)
_PAIR = re.compile(r"\\(.)")


@dataclass(frozen=True, slots=True)
class Address:
    """A mailbox: local part without quotes, and domain or address literal; "" only for <postmaster> (RFC 5321 §4.1.1.3).

    Raises ValueError for what no envelope can carry.
    """

    local: str
    domain: str

    def __post_init__(self) -> None:
        local, domain = len(self.local.encode()), len(self.domain.encode())
        if _LOCAL.fullmatch(self.local) is None or local > MAX_LOCAL:
            raise ValueError("not a local part")
        postmaster = not self.domain and self.local.lower() == "postmaster"
        if not postmaster and (_DOMAIN.fullmatch(self.domain) is None or domain > MAX_DOMAIN):
            raise ValueError("not a domain")

    @property
    def text(self) -> str:
        """The address without brackets, as it is shown and looked up."""
        local = self.local
        if _DOT_STRING.fullmatch(local) is None:
            local = '"' + re.sub(r'(["\\])', r"\\\1", local) + '"'
        return f"{local}@{self.domain}" if self.domain else local

    @property
    def is_ascii(self) -> bool:
        """False if only SMTPUTF8 can carry it."""
        return self.local.isascii() and self.domain.isascii()


def parse_path(octets: bytes) -> Address | None:
    """The address of a path, None for the empty one, which only a reverse path may be. Raises ValueError.

    Path = "<" [ A-d-l ":" ] Mailbox ">"; Reverse-path = Path / "<>"
    changed: `_` may stand in a domain, where real hosts have it; the source route is ignored, as it should be
    """
    if octets == b"<>":
        return None
    found = _PATH.fullmatch(octets.decode())
    if found is None:
        raise ValueError("not a path")
    domain = found["domain"] or ""
    if found["dotted"] is None:
        return Address(_PAIR.sub(r"\1", found["quoted"]), domain)
    if _DOT_STRING.fullmatch(found["dotted"]) is None:
        raise ValueError("not a local part")
    return Address(found["dotted"], domain)


def write_path(address: Address | None) -> bytes:
    """The path, with as few quotes as possible (RFC 5321 §4.1.2)."""
    return b"<>" if address is None else f"<{address.text}>".encode()
