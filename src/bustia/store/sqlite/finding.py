"""What `verify` finds."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    """What sort of thing is wrong."""

    SQLITE = "sqlite"  # the file itself
    CONTENT = "content"  # octets that are not those of their hash
    FRAME = "frame"  # a frame that is missing, does not open, or belongs to nothing
    FACT = "fact"  # a fact that the octets do not say
    COUNTER = "counter"  # a number that is not the sum of its rows, or is too low
    POINTER = "pointer"  # a row that points nowhere, or that nothing points to
    LOG = "log"  # a message whose modseq the log does not explain


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault: where it is ("mail 7"), and what is wrong in words."""

    kind: Kind
    where: str
    text: str
