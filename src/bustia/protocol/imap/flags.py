"""STORE and UID STORE."""

from __future__ import annotations

from dataclasses import dataclass

from bustia.model.flags import FlagChange
from bustia.model.number_set import SequenceSet


@dataclass(frozen=True, slots=True)
class Store:
    """STORE or UID STORE (RFC 9051 §6.4.6); `unchanged_since` is RFC 7162 §3.1.3."""

    numbers: SequenceSet
    change: FlagChange
    flags: tuple[str, ...]
    silent: bool = False
    by_uid: bool = False
    unchanged_since: int | None = None
