"""HTML to the text a reader sees, by a real HTML5 parser; what `message` is handed as its HTML-to-text function."""

from __future__ import annotations

import re

from selectolax.lexbor import LexborHTMLParser

MAX_HTML = 2_097_152  # characters that are parsed: the parser holds the interpreter's lock, 2 MiB for some 50 ms

_BLOCK = re.compile(
    r"<(?=/?(?:address|article|aside|blockquote|br|button|caption|center|dd|div|dl|dt|fieldset|figcaption|figure|footer|form|h[1-6]|header|hr|li|main|"
    r"nav|ol|option|p|pre|section|table|tbody|td|tfoot|th|thead|tr|ul)\b)",
    re.IGNORECASE,
)  # elements that part words: `<td>one</td><td>two</td>` reads as two words, `<b>o</b>ne` as one
_UNSEEN = "script,style,title,template,noscript,head"


def html_text(document: str) -> str:
    """The visible text, blocks on lines of their own, of at most MAX_HTML characters; never raises."""
    tree = LexborHTMLParser(_BLOCK.sub("\n<", document[:MAX_HTML]))
    for node in tree.css(_UNSEEN):
        node.decompose()
    return tree.root.text(deep=True) if tree.root is not None else ""
