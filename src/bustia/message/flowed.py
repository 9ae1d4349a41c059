"""format=flowed text: soft line breaks joined to paragraphs (RFC 3676 §4).

Invariant: one pass over the lines; quote depth never mixes in one paragraph.
"""

from __future__ import annotations

SIGNATURE = "-- "  # RFC 3676 §4.3: ends in a space, but never flows


def flowed_to_paragraphs(text: str, delete_space: bool = False) -> str:
    """Text whose flowed lines are joined, quoted paragraphs each behind their `> ` marks, lines ended by LF.

    `delete_space` is the DelSp=Yes parameter: the space that marks a soft break is not part of the text (RFC 3676 §4.5).
    """
    paragraphs: list[str] = []
    current: list[str] = []
    depth_before = 0
    flows = False
    for line in text.replace("\r\n", "\n").split("\n"):
        content = line.lstrip(">")
        depth = len(line) - len(content)
        content = content.removeprefix(" ")  # RFC 3676 §4.4: space-stuffing
        if current and (not flows or depth != depth_before or content == SIGNATURE):
            paragraphs.append(_paragraph(current, depth_before))
            current = []
        depth_before = depth
        flows = content.endswith(" ") and content != SIGNATURE
        current.append(content[:-1] if flows and delete_space else content)
    if current:
        paragraphs.append(_paragraph(current, depth_before))
    return "\n".join(paragraphs)


def _paragraph(lines: list[str], depth: int) -> str:
    marks = ">" * depth + " " if depth else ""
    return marks + "".join(lines)
