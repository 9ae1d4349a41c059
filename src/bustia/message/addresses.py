"""Address lists of header fields, read leniently (RFC 5322 §3.4, §4.4; RFC 6532 §3.2).

Invariants:
- One pass over tokens, no recursion, linear; comments are counted, not nested calls.
- At most MAX_ADDRESSES come out of one field; nothing raises; every character of a mailbox or host is as it stood.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

MAX_ADDRESSES = 20_000  # of one field; 500,000 took a peer 18 minutes (CVE-2024-23184)

MISSING_MAILBOX = b"MISSING_MAILBOX"  # as Dovecot; NIL here would mean a group (RFC 9051 §7.5.2)
MISSING_DOMAIN = b"MISSING_DOMAIN"

# Tokens of RFC 5322 §3.2: white space, quoted-string, domain-literal, one special, or a run of anything else; an encoded
# word is one token even with specials that RFC 2047 §5 forbids in a phrase, since mailers write them.
_TOKEN = re.compile(
    rb"([ \t\r\n]++)|\"((?:[^\"\\]++|\\.)*+)(?:\"|\\?\Z)|(\[[^\]]*+\]?)|([()<>@,:;\\])|(=\?[^\s?]++\?[BbQq]\?[^\s?]*+\?=|[^ \t\r\n\"\[()<>@,:;\\]++)",
    re.DOTALL,
)
_ESCAPED = re.compile(rb"\\(.)", re.DOTALL)
_WHITE_SPACE = re.compile(rb"[ \t]+")
_FOLDS = re.compile(rb"\r?\n")
_COMMENT_MARK = re.compile(rb"\\.|[()]", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Address:
    """One member of an address list as ENVELOPE has it (RFC 9051 §7.5.2); values are octets as in the header.

    A group begins with an address whose host is None and mailbox the group's name, and ends with one where both are None.
    """

    name: bytes | None
    route: bytes | None  # obsolete source route, `@a,@b` (RFC 5322 §4.4)
    mailbox: bytes | None
    host: bytes | None


GROUP_END = Address(None, None, None, None)


_SPACE, _WORD, _COMMENT, _SPECIAL = range(4)
_Token = tuple[int, bytes]
_OPEN, _CLOSE, _AT, _COLON = (_SPECIAL, b"<"), (_SPECIAL, b">"), (_SPECIAL, b"@"), (_SPECIAL, b":")


def parse_addresses(bodies: Iterable[bytes]) -> tuple[Address, ...]:
    """Addresses of one or several field bodies of one name, in order, groups marked (RFC 5322 §3.4).

    address-list = (address *("," address)) / obs-addr-list       ; empty members are passed over
    address      = mailbox / group
    mailbox      = name-addr / addr-spec
    group        = display-name ":" [group-list] ";"
    """
    found: list[Address] = []
    for body in bodies:
        for address in _read(_FOLDS.sub(b"", body)):
            found.append(address)
            if len(found) >= MAX_ADDRESSES:
                return tuple(found)
    return tuple(found)


def _read(value: bytes) -> Iterator[Address]:
    """Addresses of one unfolded field body."""
    member: list[_Token] = []  # tokens since the last separator
    angle = in_group = has_at = in_route = False  # of the member, but for in_group
    for token in _tokens(value):
        kind, text = token
        if kind == _SPECIAL:
            separates = text == b";" or (text == b"," and not in_route)
            opens_group = text == b":" and not (angle or in_group or has_at)
            if opens_group:
                yield Address(None, None, _phrase(member) or b"", None)
                in_group = True
            elif separates:
                yield from _member(member)
                if text == b";" and in_group:
                    yield GROUP_END
                    in_group = False
            if opens_group or separates:
                member = []
                angle = has_at = in_route = False
                continue
            if text == b"@":
                # RFC 5322 §4.4, obs-route: directly behind `<` stands `@`, and commas belong to the route up to its colon.
                in_route = in_route or (angle and not has_at and member[-1] == _OPEN)
                has_at = True
            elif text == b":":
                in_route = False
            elif text in b"<>":
                angle, in_route, has_at = text == b"<", False, has_at and text == b">"
        member.append(token)
    yield from _member(member)
    if in_group:
        yield GROUP_END


def _tokens(value: bytes) -> Iterator[_Token]:
    """Tokens of a structured field: quoted strings without their marks, each comment whole, other text in runs."""
    position, size = 0, len(value)
    match = _TOKEN.match
    while position < size:
        found = match(value, position)
        if found is None:  # a lone quotation mark that nothing closes
            position += 1
            continue
        position = found.end()
        space, quoted, literal, special, atom = found.groups()
        if atom is not None:
            yield _WORD, atom
        elif space is not None:
            yield _SPACE, b" "
        elif special == b"(":
            end = _comment_end(value, position)
            yield (
                _COMMENT,
                _ESCAPED.sub(rb"\1", value[position : end - 1 if value[end - 1 : end] == b")" else end]).strip(),
            )
            position = end
        elif special is not None:
            yield _SPECIAL, special
        else:
            yield _WORD, literal if literal is not None else _ESCAPED.sub(rb"\1", quoted)


def _comment_end(value: bytes, start: int) -> int:
    """Offset after the parenthesis that closes the comment opened just before `start`; the end if none does."""
    depth = 1
    for mark in _COMMENT_MARK.finditer(value, start):
        sign = mark.group()
        if sign == b"(":
            depth += 1
        elif sign == b")":
            depth -= 1
            if depth == 0:
                return mark.end()
    return len(value)


def _member(member: list[_Token]) -> Iterator[Address]:
    """The address of the tokens between two separators, if there is one.

    mailbox = ([phrase] "<" [obs-route] addr-spec ">") / addr-spec; words alone are taken for a name, one for a mailbox.
    """
    if _OPEN in member:
        opened = member.index(_OPEN)
        inner, after = member[opened + 1 :], member[:0]
        if _CLOSE in inner:
            closed = inner.index(_CLOSE)
            inner, after = inner[:closed], inner[closed + 1 :]
        route, inner = _route(inner)
        name = _phrase(member[:opened])
        yield _address(_last_comment(member[:opened] + after) if name is None else name, route, inner)
    elif any(kind in (_WORD, _SPECIAL) for kind, _ in member):
        phrase = _phrase(member)
        if phrase is not None and b" " in phrase and _AT not in member:
            yield Address(phrase, None, MISSING_MAILBOX, MISSING_DOMAIN)
        else:
            yield _address(_last_comment(member), None, member)


def _address(name: bytes | None, route: bytes | None, spec: list[_Token]) -> Address:
    """addr-spec = local-part "@" domain; what is missing gets a stand-in, since NIL would mean a group."""
    at = spec.index(_AT) if _AT in spec else len(spec)
    if at == len(spec):
        return Address(name, route, _phrase(spec) or MISSING_MAILBOX, MISSING_DOMAIN)
    return Address(name, route, _joined(spec[:at]) or MISSING_MAILBOX, _domain(spec[at + 1 :]) or MISSING_DOMAIN)


def _domain(tokens: list[_Token]) -> bytes:
    """Domain = dot-atom / domain-literal / obs-domain: up to a special, or to white space where no dot goes on."""
    labels: list[bytes] = []
    spaced = False
    for kind, text in tokens:
        if kind == _SPECIAL or (spaced and labels and labels[-1][-1:] != b"." and text[:1] != b"."):
            break
        spaced = kind != _WORD
        if kind == _WORD:
            labels.append(text)
    return b"".join(labels)


def _route(inner: list[_Token]) -> tuple[bytes | None, list[_Token]]:
    """obs-route = obs-domain-list ":" in front of an addr-spec (RFC 5322 §4.4), as `@a,@b`."""
    start = next((token for token in inner if token[0] in (_WORD, _SPECIAL)), None)
    if start != _AT or _COLON not in inner:
        return None, inner
    colon = inner.index(_COLON)
    return _joined(inner[:colon]), inner[colon + 1 :]


def _phrase(tokens: list[_Token]) -> bytes | None:
    """Words with single spaces between them; None if there are none (RFC 5322 §3.2.5).

    A special that does not belong there stays where it stood: `jane@example.org <other@example.org>`.
    """
    pieces: list[bytes] = []
    glued = True
    for kind, text in tokens:
        if kind == _WORD:
            pieces.append(text if glued else b" " + text)
            glued = False
        elif kind == _SPECIAL:
            pieces.append(text)
            glued = True
    return _WHITE_SPACE.sub(b" ", b"".join(pieces)).strip(b" ") if pieces else None


def _joined(tokens: list[_Token]) -> bytes:
    """A local part, domain or route: its tokens without white space and comments."""
    return b"".join(text for kind, text in tokens if kind in (_WORD, _SPECIAL))


def _last_comment(tokens: list[_Token]) -> bytes | None:
    """The comment that names the person where no phrase does: `jane@example.org (Jane)`."""
    comments = [text for kind, text in tokens if kind == _COMMENT]
    return comments[-1] if comments else None
