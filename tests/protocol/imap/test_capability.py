"""What CAPABILITY says in which state."""

from __future__ import annotations

import pytest

from bustia.protocol.imap.capability import CAPABILITIES, ENABLE_NAMES, SessionFacts, capabilities

CLEAR = SessionFacts(authenticated=False, may_start_tls=True, may_send_password=False)
SECURE = SessionFacts(authenticated=False, may_start_tls=False, may_send_password=True)
INSIDE = SessionFacts(authenticated=True, may_start_tls=False, may_send_password=True)


def test_no_password_is_asked_for_in_the_clear() -> None:
    names = capabilities(CLEAR)
    assert "LOGINDISABLED" in names
    assert "STARTTLS" in names
    assert not [name for name in names if name.startswith("AUTH=")]


def test_under_tls_plain_is_offered_and_starttls_is_not() -> None:
    names = capabilities(SECURE)
    assert "AUTH=PLAIN" in names
    assert not {"LOGINDISABLED", "STARTTLS"} & set(names)


def test_after_login_no_way_to_log_in_is_shown() -> None:
    names = capabilities(SessionFacts(authenticated=True, may_start_tls=True, may_send_password=False))
    assert not [name for name in names if name.startswith("AUTH=")]
    assert not {"LOGINDISABLED", "STARTTLS"} & set(names)


@pytest.mark.parametrize("facts", [CLEAR, SECURE, INSIDE])
def test_imap4rev2_is_not_announced_before_it_is_whole(facts: SessionFacts) -> None:
    assert capabilities(facts)[0] == "IMAP4rev1"
    assert "IMAP4rev2" not in capabilities(facts)


def test_each_capability_has_one_row_and_is_shown_somewhere() -> None:
    names = [row.name for row in CAPABILITIES]
    assert len(set(names)) == len(names)
    assert set(names) == {name for facts in (CLEAR, SECURE, INSIDE) for name in capabilities(facts)}


def test_enable_knows_condstore() -> None:
    assert frozenset({"CONDSTORE"}) == ENABLE_NAMES
