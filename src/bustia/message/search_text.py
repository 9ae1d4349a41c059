"""The text of a message as SEARCH and people see it: fields decoded, text parts decoded, HTML as text.

Invariants: nothing raises but what the injected functions raise; work and memory are bounded by the limits below, each
of which cuts the text and never the stored octets.
"""

from __future__ import annotations

from dataclasses import dataclass

from bustia.message.attachments import decoded_parameter, is_attachment
from bustia.message.charsets import GuessCharset, decode_text
from bustia.message.encoded_words import decode_words
from bustia.message.fields import Fields, Octets, single
from bustia.message.flowed import flowed_to_paragraphs
from bustia.message.html_text import HtmlToText, html_to_text
from bustia.message.scanner import Kind, Part, scan
from bustia.message.transfer import decode_transfer

MAX_FIELDS_TEXT = 1_000_000  # characters of decoded fields of one message; real headers have below 50,000
MAX_PART_OCTETS = 8_000_000  # encoded octets of one text part that are decoded; the longest real ones have 2 MB
MAX_TEXT = 16_000_000  # characters of one message's texts; bounds the memory of an indexer


@dataclass(frozen=True, slots=True)
class SearchTexts:
    """What SEARCH compares, decoded but not folded.

    `fields` are (lower-case name, text) of the message's own header, in order, for HEADER, SUBJECT, FROM and their kin;
    `part_fields` those of its parts with the decoded names of attachments: header fields too, which TEXT matches and BODY
    does not (RFC 9051 §6.4.4); `body` is the text of all parts that are text or reports, and the headers of messages inside.
    """

    fields: tuple[tuple[str, str], ...]
    part_fields: tuple[tuple[str, str], ...]
    body: str


def search_texts(octets: Octets, to_text: HtmlToText = html_to_text, guess: GuessCharset | None = None) -> SearchTexts:
    """Texts of a whole message; `to_text` turns HTML into text, `guess` names the charset of text that lies about it."""
    parts = scan(octets)
    return SearchTexts(decoded_fields(parts[0].fields), _part_fields(parts), _body(octets, parts, to_text, guess))


def body_text(octets: Octets, to_text: HtmlToText = html_to_text, guess: GuessCharset | None = None) -> str:
    """The `body` of `search_texts` alone: a quarter of the work less where nobody asks for fields."""
    return _body(octets, scan(octets), to_text, guess)


def _part_fields(parts: tuple[Part, ...]) -> tuple[tuple[str, str], ...]:
    found: list[tuple[str, str]] = []
    room = MAX_FIELDS_TEXT
    for part in parts:
        if part.parent < 0 or _is_inner_message(parts, part) or room <= 0:
            continue
        of_part = decoded_fields(part.fields)
        if is_attachment(parts, part):
            of_part += (("name", decoded_parameter(part.content_type, b"name")),)
        room -= sum(len(name) + len(value) for name, value in of_part)
        found += of_part
    return tuple(found)


def _body(octets: Octets, parts: tuple[Part, ...], to_text: HtmlToText, guess: GuessCharset | None) -> str:
    texts: list[str] = []
    room = MAX_TEXT
    for part in parts:
        if room <= 0:
            break
        text = ""
        if _is_inner_message(parts, part):
            text = "\n".join(f"{name}: {value}" for name, value in decoded_fields(part.fields))
        if part.kind in (Kind.LEAF, Kind.OPAQUE) and part.content_type.value.startswith((b"text/", b"message/")):
            text += ("\n" if text else "") + part_text(octets, part, to_text, guess)
        if text:
            texts.append(text[:room])
            room -= len(texts[-1])
    return "\n".join(texts)


def _is_inner_message(parts: tuple[Part, ...], part: Part) -> bool:
    return part.parent >= 0 and parts[part.parent].kind is Kind.MESSAGE


def part_text(octets: Octets, part: Part, to_text: HtmlToText = html_to_text, guess: GuessCharset | None = None) -> str:
    """Text of one text part: transfer encoding, charset, HTML and format=flowed undone; cut at MAX_PART_OCTETS."""
    complete = part.end - part.body_start <= MAX_PART_OCTETS
    body = bytes(octets[part.body_start : min(part.end, part.body_start + MAX_PART_OCTETS)])
    decoded = decode_transfer(body, single(part.fields, b"content-transfer-encoding") or b"")
    charset = part.content_type.get(b"charset")
    text = decode_text(decoded, charset.decode("ascii", "replace") if charset else None, guess, complete=complete)
    if part.content_type.value == b"text/html":
        return to_text(text)
    if (part.content_type.get(b"format") or b"").lower() == b"flowed":
        return flowed_to_paragraphs(text, (part.content_type.get(b"delsp") or b"").lower() == b"yes")
    return text


def decoded_fields(fields: Fields) -> tuple[tuple[str, str], ...]:
    """Decoded fields, grouped by name, within MAX_FIELDS_TEXT."""
    found: list[tuple[str, str]] = []
    room = MAX_FIELDS_TEXT
    for name, bodies in fields.items():
        for body in bodies:
            text = decode_words(body[:room])
            found.append((name.decode("ascii", "replace"), text))
            room -= len(text) + len(name)
            if room <= 0:
                return tuple(found)
    return tuple(found)
