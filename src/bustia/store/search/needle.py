"""What one text key looks for, and whether a mail's texts have it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from bustia.model.search_key import HasHeader, HasText, TextField
from bustia.store.search.comparable import comparable
from bustia.store.search.source import MailText, TextPart

TRIGRAM = 3  # characters: what the index can tell


class Place(Enum):
    """Where a needle is looked for, and what has to be read for that."""

    SUBJECT = "subject"  # the first Subject field, which every backend keeps decoded
    FIELD = "field"  # all fields of one name
    BODY = "body"
    TEXT = "text"  # every field, those of the parts too, and the body


@dataclass(frozen=True, slots=True)
class Needle:
    """A comparable term, where it is looked for, and for FIELD the field's name in lower case."""

    place: Place
    name: bytes
    term: bytes

    def parts(self) -> frozenset[TextPart]:
        """The texts of which one has to have the term."""
        match self.place:
            case Place.SUBJECT | Place.FIELD:
                return frozenset((TextPart.HEADER,))
            case Place.BODY:
                return frozenset((TextPart.BODY,))
            case Place.TEXT:
                return frozenset(TextPart)

    def clue(self) -> bytes:
        """What the index is asked for: the term, or for the mere presence of a field its name."""
        return self.term or (self.name + b":" if self.place is Place.FIELD else b"")

    def clue_decides(self) -> bool:
        """Whether the index's candidates for the clue are exactly the mails that match: a term that is itself one trigram, anywhere in the text."""
        return self.place in (Place.BODY, Place.TEXT) and len(self.term.decode()) == TRIGRAM

    def matches(self, text: MailText) -> bool:
        """Whether the texts, of at least `parts`, have it."""
        match self.place:
            case Place.SUBJECT:
                return has_field(text.header, b"subject", self.term)
            case Place.FIELD:
                return has_field(text.header, self.name, self.term)
            case Place.BODY:
                return self.term in text.body
            case Place.TEXT:
                return self.term in text.header or self.term in text.mime or self.term in text.body


def needle(leaf: HasText | HasHeader) -> Needle:
    """The needle of a text key."""
    if isinstance(leaf, HasHeader):
        return Needle(Place.FIELD, leaf.name.lower().encode("ascii", "replace"), comparable(leaf.text))
    term = comparable(leaf.text)
    match leaf.where:
        case TextField.BODY:
            return Needle(Place.BODY, b"", term)
        case TextField.TEXT:
            return Needle(Place.TEXT, b"", term)
        case TextField.SUBJECT if term:
            return Needle(Place.SUBJECT, b"subject", term)
        case _:
            return Needle(Place.FIELD, leaf.where.value.encode(), term)


def has_field(header: bytes, name: bytes, term: bytes) -> bool:
    """Whether a field of that name has the term after its colon (RFC 9051 §6.4.4, HEADER); an empty term asks for the field alone."""
    if b":" in name or b" " in name:
        return False  # no field has such a name (RFC 5322 §2.2), but a field's value could make it look so
    start = b"\n" + name + b":"
    at = header.find(start)
    while at >= 0:
        value = at + len(start)
        end = header.find(b"\n", value)
        if header.find(term, value, len(header) if end < 0 else end) >= 0:
            return True
        at = header.find(start, value)
    return False
