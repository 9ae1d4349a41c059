"""The facts of a mail as columns of `mail` (what lists read) and `facts` (the rest): one place for whoever writes, reads or checks them."""

from __future__ import annotations

import json

from bustia.message.facts import MailFacts

MAIL_COLUMNS = "size, pop3_size, header_size, has_8bit, renderer, sent_day, envelope, body_structure"
FACTS_COLUMNS = "subject, preview, base_subject, sent, message_id, reference_ids, correspondents, has_attachment, body, parts, header_cache"

Values = tuple[int | str | bytes | None, ...]


def mail_values(facts: MailFacts) -> Values:
    """Values of MAIL_COLUMNS."""
    return (
        facts.size,
        facts.pop3_size,
        facts.header_size,
        int(facts.has_8bit),
        facts.renderer,
        facts.sent_day,
        facts.envelope,
        facts.body_structure,
    )


def facts_values(facts: MailFacts) -> Values:
    """Values of FACTS_COLUMNS."""
    return (
        facts.subject,
        facts.preview,
        facts.base_subject,
        facts.sent,
        facts.message_id,
        json.dumps(facts.references),
        json.dumps(facts.correspondents),
        int(facts.has_attachment),
        facts.body,
        facts.parts,
        facts.header_cache,
    )
