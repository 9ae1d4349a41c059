"""HTML to plain text with the standard library: good enough to search and preview; a real parser may be handed in.

Invariants: one pass, linear, nothing raises; what stands in scripts, styles and comments is not text.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable

HtmlToText = Callable[[str], str]
"""Turns an HTML document into the text that a reader sees; injected, so that a full HTML5 parser can be used."""

_NAME = re.compile(r"/?([A-Za-z][A-Za-z0-9]*)")
_HIDDEN = frozenset(("script", "style", "title", "template", "noscript"))
_BREAKS = frozenset(
    ("address", "blockquote", "br", "div", "dd", "dl", "dt", "hr", "li", "ol", "p", "pre", "table")
) | frozenset(("h1", "h2", "h3", "h4", "h5", "h6", "td", "th", "tr", "ul"))
_HUGE_REFERENCE = re.compile(r"&#[xX]?[0-9A-Fa-f]{8,}+;?")  # no character has so many digits; int() would be quadratic


def html_to_text(document: str) -> str:
    """Text of an HTML document: tags dropped, blocks on lines of their own, character references decoded."""
    pieces: list[str] = []
    lower = ""
    position, size = 0, len(document)
    while position < size:
        opened = document.find("<", position)
        if opened < 0:
            pieces.append(document[position:])
            break
        pieces.append(document[position:opened])
        if document.startswith("<!--", opened):
            end = document.find("-->", opened + 4)
            position = size if end < 0 else end + 3
            continue
        name = _NAME.match(document, opened + 1)
        if name is None and document[opened + 1 : opened + 2] not in ("!", "?"):
            pieces.append("<")
            position = opened + 1
            continue
        end = document.find(">", opened)
        position = size if end < 0 else end + 1
        tag = name[1].lower() if name is not None else ""
        if tag in _BREAKS:
            pieces.append("\n")
        elif tag in _HIDDEN and document[opened + 1] != "/":
            lower = lower or document.lower()
            end = lower.find("</" + tag, position)
            position = size if end < 0 else end
    text = html.unescape(_HUGE_REFERENCE.sub("\N{REPLACEMENT CHARACTER}", "".join(pieces)))
    lines = (" ".join(line.split()) for line in text.split("\n"))
    return "\n".join(line for line in lines if line)
