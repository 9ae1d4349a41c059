"""What is said of a mailbox when it is opened, and again when it changes: its flags and its highest modseq."""

from __future__ import annotations

from bustia.model.flags import MAX_KEYWORDS, SYSTEM_FLAGS
from bustia.protocol.imap.mailbox import FlagsData
from bustia.protocol.imap.response import Condition, NamesCode, NumberCode, Status
from bustia.server.imap.selected import Selected


def flag_lists(selected: Selected) -> tuple[FlagsData, Status]:
    """FLAGS and PERMANENTFLAGS; `\\*` while the account's keyword table has room (RFC 9051 §7.1, design §2 rule 10)."""
    keywords = selected.flag_octets.keywords
    names = (*SYSTEM_FLAGS, *keywords)
    permanent: tuple[str, ...] = ()
    if not selected.read_only:
        permanent = (*names, "\\*") if len(keywords) < MAX_KEYWORDS else names
    return FlagsData(names), Status(None, Condition.OK, "Flags permitted", NamesCode("PERMANENTFLAGS", permanent))


def highest_modseq(selected: Selected) -> Status:
    """HIGHESTMODSEQ: never above what the client was told (RFC 7162 §3.1.2.1, design §2 rule 7)."""
    code = NumberCode("HIGHESTMODSEQ", selected.announced_modseq)
    return Status(None, Condition.OK, "Highest mod-sequence", code)
