"""Every reason has a response code that a client may know."""

from __future__ import annotations

import pytest

from bustia.model.reason import Reason
from bustia.protocol.imap.codes import imap_code
from bustia.protocol.imap.response import AtomCode, Condition, Status
from bustia.protocol.imap.server import ServerConnection


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_can_be_said(reason: Reason) -> None:
    said = ServerConnection().send(Status("a", Condition.NO, "no", AtomCode(imap_code(reason))))
    assert said == b"a NO [%b] no\r\n" % imap_code(reason).encode("ascii")


def test_who_may_not_know_that_a_mailbox_exists_is_told_that_it_does_not() -> None:
    assert imap_code(Reason.NOT_FOUND) == "NONEXISTENT"
