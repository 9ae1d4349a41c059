"""What is computed once about a mail, when it arrives, and kept beside its octets.

Invariants:
- Facts are derived: `describe(octets)` gives the same facts for the same octets and the same `RENDERER`; the truth is
  the stored octets, nothing here.
- The wire items (`envelope`, `body`, `body_structure`) are finished IMAP4rev1 octets: no 8-bit, CR, LF or NUL inside a
  quoted string; what does not fit a quoted string is a literal. When `has_8bit` is set, a session with UTF8=ACCEPT or
  IMAP4rev2 gets another form, by `describe.write_utf8`.
"""

from __future__ import annotations

from dataclasses import dataclass

RENDERER = 1  # raised whenever `describe` would give other octets for the same mail; rows with a lower number are stale

HEADER_CACHE_FIELDS: frozenset[bytes] = frozenset(
    b"from to cc bcc reply-to sender subject date message-id in-reply-to references list-id content-type"
    b" content-transfer-encoding mime-version importance priority x-priority list-unsubscribe".split()
)  # what Thunderbird, mutt, mbsync, K-9 and Apple Mail ask for in their lists; lower case


@dataclass(frozen=True, slots=True)
class MailFacts:
    """What FETCH, SEARCH, POP3 and threads need often of one mail, without opening it.

    `size` and `pop3_size` are octets (the latter after bare CR and LF became CRLF, ending in CRLF, RFC 1939 §11); `sent` is seconds since 1970 UTC of the Date
    field or None; `parts` is a compact offset table that only `message.section` reads.
    """

    size: int
    pop3_size: int
    header_size: int  # octets up to and including the empty line
    envelope: bytes  # RFC 9051 §7.5.2 ENVELOPE
    body: bytes  # BODY: the structure without extension data
    body_structure: bytes  # BODYSTRUCTURE
    has_8bit: bool  # a header (of the mail or a part) has octets above 127, or RFC 2231 values: the UTF-8 forms differ
    parts: bytes
    header_cache: bytes  # the fields of HEADER_CACHE_FIELDS as they stand, in their order, without the empty line
    preview: str  # RFC 8970 §3: at most 256 characters
    subject: str  # decoded, unfolded
    base_subject: str  # RFC 5256 §2.1
    sent: int | None
    sent_day: (
        int | None
    )  # proleptic ordinal (`datetime.date.toordinal`) of the Date field's own day, whatever its zone (RFC 9051 §6.4.4, SENTON)
    message_id: str  # normalised (RFC 5256 §3), "" if there is none
    references: tuple[str, ...]  # normalised, References or else In-Reply-To, oldest first
    correspondents: tuple[str, str, str]  # first From, To, Cc mailbox for sorting (RFC 5256 §3) and lists: display text
    has_attachment: bool
    renderer: int = RENDERER
