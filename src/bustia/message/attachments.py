"""Attachments: which parts are files to a reader, and under which names (RFC 2183, RFC 2231, RFC 2047).

Invariant: a name is safe to show and to offer for saving: no path, no control or direction characters, never empty,
never a name that a system keeps for itself. Nothing raises.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from bustia.message.charsets import decode_text
from bustia.message.encoded_words import decode_words
from bustia.message.fields import Octets, single
from bustia.message.parameters import ParameterizedValue, parse_disposition, split_extended
from bustia.message.scanner import Kind, Part, scan
from bustia.message.section import part_numbers

MAX_NAME = 120  # characters; file systems allow 255 octets, and one character may take four in UTF-8, less a suffix

_SEPARATORS = re.compile(r"[/\\]")
_UNSAFE = re.compile(r"[<>:\"|?*]")
_DEVICE = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?=\.|\Z)", re.IGNORECASE)  # MS-DOS devices, with any suffix
_SPACES = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Attachment:
    """A part that a reader sees as a file.

    `numbers` is its IMAP part number; `size` is in octets, still encoded; `name` is safe for display and for saving;
    `inline` means that the text shows it (an image by its `content_id`, without angle brackets).
    """

    numbers: tuple[int, ...]
    media_type: str
    name: str
    size: int
    inline: bool
    content_id: str | None


def attachments(octets: Octets) -> tuple[Attachment, ...]:
    """Attachments of a message in its order; a forwarded message is one attachment, not looked into."""
    parts = scan(octets)
    numbers = part_numbers(parts)
    found: list[Attachment] = []
    inside: set[int] = set()  # parts of forwarded messages
    for index, part in enumerate(parts):
        if part.parent in inside or (part.parent >= 0 and parts[part.parent].kind is Kind.MESSAGE):
            inside.add(index)
            continue
        if is_attachment(parts, part):
            found.append(_attachment(parts, index, numbers[index]))
    return tuple(found)


def is_attachment(parts: Sequence[Part], part: Part) -> bool:
    """Whether a reader sees this part of `parts` as a file: it says so, has a name, or is no text."""
    if part.kind is Kind.MULTIPART:
        return False
    if part.parent < 0 and part.kind is Kind.LEAF and part.content_type.value.startswith(b"text/"):
        return _word(part) == b"attachment"
    if _word(part) == b"attachment" or part.kind is not Kind.LEAF:
        return True
    if not part.content_type.value.startswith(b"text/"):
        # The signature and version parts of RFC 1847 belong to the message's form, not to its files.
        around = parts[part.parent].content_type.value if part.parent >= 0 else b""
        return around not in (b"multipart/signed", b"multipart/encrypted") or bool(_raw_name(part))
    return bool(_raw_name(part))


def _word(part: Part) -> bytes:
    disposition = part.fields.get(b"content-disposition")
    parsed = parse_disposition(disposition[-1]) if disposition else None
    return parsed.value if parsed is not None else b""


def _attachment(parts: Sequence[Part], index: int, numbers: tuple[int, ...]) -> Attachment:
    part = parts[index]
    name = _raw_name(part)
    if not name and part.kind is Kind.MESSAGE:
        subject = decode_words(single(parts[index + 1].fields, b"subject") or b"")
        name = f"{subject or 'message'}.eml"
    content_id = single(part.fields, b"content-id")
    return Attachment(
        numbers=numbers,
        media_type=part.content_type.value.decode("ascii", "replace"),
        name=safe_name(name) or "attachment-" + ".".join(map(str, numbers)),
        size=part.end - part.body_start,
        inline=_word(part) != b"attachment" and content_id is not None,
        content_id=content_id.strip(b"<> ").decode("utf-8", "replace") if content_id else None,
    )


def _raw_name(part: Part) -> str:
    """The file's name as the message says it: of the disposition, or else of the media type (RFC 2183 §2.3)."""
    disposition = part.fields.get(b"content-disposition")
    parsed = parse_disposition(disposition[-1]) if disposition else None
    return (decoded_parameter(parsed, b"filename") if parsed else "") or decoded_parameter(part.content_type, b"name")


def decoded_parameter(value: ParameterizedValue, name: bytes) -> str:
    """Text of a parameter, its RFC 2231 form first, encoded words in it decoded though RFC 2047 §5 forbids them."""
    extended = value.get(name + b"*")
    if extended is not None:
        charset, octets = split_extended(extended)
        return decode_text(octets, charset.decode("ascii", "replace") or None)
    plain = value.get(name)
    return decode_words(plain) if plain else ""


def safe_name(name: str) -> str:
    """The name without path, control, direction and reserved characters, cut to MAX_NAME with its suffix kept.

    "" if nothing is left.
    """
    last = _SEPARATORS.split(name)[-1]
    shown = "".join(sign for sign in last if unicodedata.category(sign) not in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp"))
    shown = _SPACES.sub(" ", _UNSAFE.sub("_", unicodedata.normalize("NFC", shown))).strip(" .")
    if len(shown) > MAX_NAME:
        stem, dot, suffix = shown.rpartition(".")
        keep = dot + suffix if stem and len(suffix) <= 10 else ""
        shown = shown[: MAX_NAME - len(keep)] + keep
    return "_" + shown if _DEVICE.match(shown) else shown
