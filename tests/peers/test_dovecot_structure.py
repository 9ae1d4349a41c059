"""ENVELOPE and BODYSTRUCTURE of every corpus message, ours against Dovecot's; docs/differences.md explains the rest."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from bustia.message.describe import describe
from corpus import corpus
from dovecot import PASSWORD, USER, dovecot
from imap_list import Value, read_items, read_list

DIFFERENCES = Path(__file__).resolve().parents[2] / "docs" / "differences.md"
LISTED = re.compile(r"^- `([^`]+)` (ENVELOPE|BODYSTRUCTURE)$", re.MULTILINE)
HANG_GUARD = 60.0  # seconds

Pair = tuple[str, str]  # message, item


def test_every_difference_from_dovecot_is_explained() -> None:
    found = set(_differences())
    listed = set(LISTED.findall(DIFFERENCES.read_text(encoding="utf-8")))
    assert sorted(found - listed) == [], "differs from Dovecot without a reason in docs/differences.md"
    assert sorted(listed - found) == [], "listed in docs/differences.md, but does not differ"


def test_each_class_of_differences_has_the_count_that_the_table_says() -> None:
    text = DIFFERENCES.read_text(encoding="utf-8")
    counts = {name: int(count) for name, count in re.findall(r"^\| \[([^\]]+)\][^|]*\| (\d+) \|", text, re.MULTILINE)}
    sections = re.split(r"^## ", text, flags=re.MULTILINE)[1:]
    assert counts == {section.split("\n", 1)[0]: len(LISTED.findall(section)) for section in sections}


def _differences() -> Iterator[Pair]:
    """Each message and item in which Dovecot answers otherwise."""
    messages = [(name, re.sub(rb"\r?\n", b"\r\n", octets)) for name, octets in corpus()]
    with dovecot() as port:
        answers = list(_answers(port, [octets for _, octets in messages]))
    assert len(answers) == len(messages)
    for (name, octets), theirs in zip(messages, answers, strict=True):
        facts = describe(octets)
        if read_list(facts.envelope) != theirs["ENVELOPE"]:
            yield name, "ENVELOPE"
        if _lower(read_list(facts.body_structure)) != _lower(theirs["BODYSTRUCTURE"]):
            yield name, "BODYSTRUCTURE"


def _answers(port: int, messages: list[bytes]) -> Iterator[dict[str, Value]]:
    """Dovecot's items of each message, in order."""
    with socket.create_connection(("127.0.0.1", port), timeout=HANG_GUARD) as connection:
        answers = connection.makefile("rb")
        answers.readline()

        def command(octets: bytes) -> list[bytes]:
            connection.sendall(b"t " + octets + b"\r\n")
            lines: list[bytes] = []
            while True:
                line = answers.readline()
                while (literal := re.search(rb"\{(\d+)\}\r\n\Z", line)) is not None:
                    line += answers.read(int(literal[1])) + answers.readline()
                if line.startswith(b"t "):
                    assert line.startswith(b"t OK"), line
                    return lines
                assert line, "the connection ended"
                lines.append(line)

        command(f"LOGIN {USER} {PASSWORD}".encode())
        for octets in messages:
            command(b"APPEND INBOX {%d+}\r\n%b" % (len(octets), octets))
        command(b"SELECT INBOX")
        for line in command(b"FETCH 1:* (ENVELOPE BODYSTRUCTURE)"):
            if b" FETCH (" in line[:30]:
                yield read_items(line)


def _lower(body: Value) -> Value:
    """A body structure with its case-insensitive words in lower case (RFC 2045 §5.1, §6.1; RFC 2046 §4.1.2)."""
    assert isinstance(body, list)
    if isinstance(body[0], list):
        parts = [part for part in body if isinstance(part, list)]
        count = next(index for index, part in enumerate(body) if not isinstance(part, list))
        subtype, parameters, disposition, *rest = body[count:]
        return [*map(_lower, parts[:count]), _word(subtype), _names(parameters), _disposition(disposition), *rest]
    main, subtype, parameters, identifier, description, encoding, *rest = body
    if _word(main) == b"message" and len(rest) == 8:
        rest[2] = _lower(rest[2])
    rest[-3] = _disposition(rest[-3])
    return [_word(main), _word(subtype), _names(parameters), identifier, description, _word(encoding), *rest]


def _word(value: Value) -> Value:
    return value.lower() if isinstance(value, bytes) else value


def _names(parameters: Value) -> Value:
    if not isinstance(parameters, list):
        return parameters
    pairs = zip(map(_word, parameters[::2]), parameters[1::2], strict=True)
    return [word for name, value in pairs for word in (name, _word(value) if name == b"charset" else value)]


def _disposition(disposition: Value) -> Value:
    return [_word(disposition[0]), _names(disposition[1])] if isinstance(disposition, list) else disposition


def test_the_comparison_sees_a_different_word() -> None:
    assert _lower(read_list(b'("TEXT" "PLAIN" ("NAME" "X") NIL NIL "7BIT" 1 1 NIL NIL NIL NIL)')) == read_list(
        b'("text" "plain" ("name" "X") NIL NIL "7bit" 1 1 NIL NIL NIL NIL)'
    )
    with pytest.raises(ValueError, match="more after"):
        read_list(b'("a") x')
