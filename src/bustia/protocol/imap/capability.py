"""A row for each extension: when it is shown, and whether ENABLE knows it. CAPABILITY and docs/support.md are made from these rows.

Invariant: nothing is announced that is not done: each row has a passing transcript in tests/transcripts. IMAP4rev2 has no row before all of
RFC 9051 passes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SessionFacts:
    """What CAPABILITY depends on. `may_start_tls`: the listener has a certificate and TLS is not on yet.

    `may_send_password`: the line is private enough for passwords, by TLS or by being loopback.
    """

    authenticated: bool
    may_start_tls: bool
    may_send_password: bool


def _always(facts: SessionFacts) -> bool:
    return True


def _after_login(facts: SessionFacts) -> bool:
    return facts.authenticated


def _start_tls(facts: SessionFacts) -> bool:
    return facts.may_start_tls and not facts.authenticated


def _login_disabled(facts: SessionFacts) -> bool:
    return not facts.may_send_password and not facts.authenticated


def _password(facts: SessionFacts) -> bool:
    return facts.may_send_password and not facts.authenticated


@dataclass(frozen=True, slots=True)
class Row:
    """One capability: its name on the wire, its source, and when it is shown. `in_rev2`: a part of IMAP4rev2 itself (RFC 9051 Appendix E)."""

    name: str
    rfc: str
    shown: Callable[[SessionFacts], bool]
    in_rev2: bool = False
    can_enable: bool = False


CAPABILITIES: tuple[Row, ...] = (
    Row("IMAP4rev1", "RFC 3501", _always),
    Row("LITERAL+", "RFC 7888", _always),
    Row("SASL-IR", "RFC 4959", _always, in_rev2=True),
    Row("STARTTLS", "RFC 9051 §6.2.1", _start_tls, in_rev2=True),
    Row("LOGINDISABLED", "RFC 9051 §6.2.3", _login_disabled, in_rev2=True),
    Row("AUTH=PLAIN", "RFC 4616", _password, in_rev2=True),
    Row("ID", "RFC 2971", _always),
    Row("ENABLE", "RFC 5161", _always, in_rev2=True),
    Row("IDLE", "RFC 2177", _always, in_rev2=True),
    Row("NAMESPACE", "RFC 2342", _after_login, in_rev2=True),
    Row("UIDPLUS", "RFC 4315", _after_login, in_rev2=True),
    Row("UNSELECT", "RFC 3691", _after_login, in_rev2=True),
    Row("CHILDREN", "RFC 3348", _after_login),
    Row("SPECIAL-USE", "RFC 6154", _after_login, in_rev2=True),
    Row("CREATE-SPECIAL-USE", "RFC 6154", _after_login),
    Row("LIST-EXTENDED", "RFC 5258", _after_login, in_rev2=True),
    Row("LIST-STATUS", "RFC 5819", _after_login, in_rev2=True),
    Row("ESEARCH", "RFC 4731", _after_login, in_rev2=True),
    Row("SEARCHRES", "RFC 5182", _after_login, in_rev2=True),
    Row("WITHIN", "RFC 5032", _after_login),
    Row("MOVE", "RFC 6851", _after_login, in_rev2=True),
    Row("CONDSTORE", "RFC 7162", _after_login, can_enable=True),
    Row("STATUS=SIZE", "RFC 8438", _after_login, in_rev2=True),
    Row("QUOTA", "RFC 9208", _after_login),
    Row("QUOTA=RES-STORAGE", "RFC 9208", _after_login),
    Row("QUOTA=RES-MESSAGE", "RFC 9208", _after_login),
)

ENABLE_NAMES: frozenset[str] = frozenset(row.name for row in CAPABILITIES if row.can_enable)


def capabilities(facts: SessionFacts) -> tuple[str, ...]:
    """What CAPABILITY says to this session now, in the order of the table (RFC 9051 §7.2.2)."""
    return tuple(row.name for row in CAPABILITIES if row.shown(facts))
