"""What ties messages to a conversation: message identifiers, normalised (RFC 5256 §3, THREAD=REFERENCES).

Invariants: linear; identifiers are compared as text without folds, comments or quotation marks around their parts; at
most MAX_REFERENCES are kept: the oldest, which is the root, and the newest.
"""

from __future__ import annotations

import re

from bustia.message.fields import Fields, single

MAX_REFERENCES = 1_000  # of one message; a bomb of 100,000 must not fill the thread tables
MAX_ID = 998  # octets of an identifier; RFC 5322 §2.1.1 allows no longer line, and these become keys

# msg-id = "<" id-left "@" id-right ">", white space and folds inside passed over (RFC 5322 §3.6.4, §4.5.4)
_ID = re.compile(rb"<([^<>]{1,2000})>")
_NOISE = re.compile(rb"\s+")
_QUOTED_LOCAL = re.compile(rb"\"((?:[^\"\\]|\\.)*)\"(?=@)")
_ESCAPED = re.compile(rb"\\(.)", re.DOTALL)


def message_ids(body: bytes) -> tuple[str, ...]:
    """Normalised identifiers of a Message-ID, References or In-Reply-To body, in order, without repeats."""
    found: dict[str, None] = {}
    for raw in _ID.findall(body):
        identifier = _normal(raw)
        if identifier:
            found[identifier] = None
    every = tuple(found)
    return every if len(every) <= MAX_REFERENCES else every[:1] + every[1 - MAX_REFERENCES :]


def _normal(raw: bytes) -> str:
    """An identifier without quotation marks where they change nothing: `"01KF8JCEOCBS0045PS"@xxx` (RFC 5256 §3)."""
    value = _NOISE.sub(b"", raw)
    if value.startswith(b'"'):
        value = _QUOTED_LOCAL.sub(lambda match: _ESCAPED.sub(rb"\1", match[1]), value, count=1)
    if b"@" not in value or len(value) > MAX_ID:
        return ""
    return value.decode("utf-8", "replace").replace("\0", "")


def message_id_of(fields: Fields) -> str:
    """Normalised Message-ID, "" if there is none that is valid."""
    ids = message_ids(single(fields, b"message-id") or b"")
    return ids[0] if ids else ""


def references_of(fields: Fields) -> tuple[str, ...]:
    """References, or else the first valid identifier of In-Reply-To (RFC 5256 §3, step 1 of THREAD=REFERENCES)."""
    for body in fields.get(b"references", ()):
        if ids := message_ids(body):
            return ids
    for body in fields.get(b"in-reply-to", ()):
        if ids := message_ids(body):
            return ids[:1]
    return ()
