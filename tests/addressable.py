"""The check that FETCH can keep its word: what BODYSTRUCTURE names can be fetched and has the size that it says."""

from __future__ import annotations

from bustia.message.body_structure import BodyStructure, body_structure_of
from bustia.message.scanner import Kind, scan
from bustia.message.section import Section, SectionKind, SectionText, locate, pack_parts, part_numbers

HEADER = SectionText(SectionKind.HEADER)


def check_addressable(octets: bytes) -> None:
    """Each part that BODYSTRUCTURE names is there, and as long as it says; `part_numbers` names the same octets."""
    parts = scan(octets)
    table = pack_parts(parts)
    todo: list[tuple[tuple[int, ...], BodyStructure]] = [((), body_structure_of(octets, parts))]
    while todo:
        numbers, body = todo.pop()
        if body.is_multipart:
            todo.extend(((*numbers, number), child) for number, child in enumerate(body.children, 1))
            continue
        own = numbers or (1,)
        span = locate(table, Section(own))
        assert span is not None
        assert span[1] - span[0] == body.size
        if body.envelope is not None:
            assert locate(table, Section(own, HEADER)) is not None
            (child,) = body.children
            todo.append((own if child.is_multipart else (*own, 1), child))
    for part, numbers in zip(parts, part_numbers(parts), strict=True):
        if part.kind is not Kind.MULTIPART:
            assert locate(table, Section(numbers)) == (part.body_start, part.end)
