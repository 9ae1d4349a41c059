"""What is measured: one row a figure, in the order of the table that is printed."""

from __future__ import annotations

import statistics
from dataclasses import dataclass

AHEAD = 1.0  # at least as fast as the peer
NEAR = 1 / 3  # not slower by more than three times


@dataclass(frozen=True, slots=True)
class Line:
    """A figure: its name, unit, whether more is better, and the ratio to the peer that is wanted.

    `bound` is what the figure may be at most, whatever the peer does.
    """

    name: str
    unit: str
    goal: float = NEAR
    more_is_better: bool = False
    bound: float | None = None

    def ratio(self, ours: float, theirs: float) -> float:
        """How many times as fast as the peer we are: above 1 is faster, for times and for rates alike."""
        return ours / theirs if self.more_is_better else theirs / ours

    def missed(self, ours: float, theirs: float | None) -> bool:
        """Whether the figure falls short of its goal or of its bound."""
        behind = theirs is not None and self.ratio(ours, theirs) < self.goal
        return behind or (self.bound is not None and ours > self.bound)


LINES = (
    Line("APPEND one after another", "mails/s", more_is_better=True),
    Line("SELECT, first after that", "ms"),
    Line("list FETCH, cold", "ms", AHEAD),
    Line("list FETCH, warm", "ms", AHEAD),
    Line("SELECT", "ms", AHEAD),
    Line("FETCH FLAGS of all", "ms"),
    Line("header fields, cold", "ms"),
    Line("header fields, warm", "ms"),
    Line("BODY.PEEK[] of all", "MB/s", more_is_better=True),
    Line("BODY.PEEK[1] of one", "ms"),
    Line("SEARCH SUBJECT, cold", "ms", AHEAD),
    Line("SEARCH SUBJECT, warm", "ms", AHEAD),
    Line("SEARCH BODY, cold", "ms", AHEAD),
    Line("SEARCH BODY, warm", "ms", AHEAD),
    Line("SEARCH UNSEEN", "ms"),
    Line("STORE of all", "ms"),
    Line("STORE of one", "per s", more_is_better=True),
    Line("COPY", "ms"),
    Line("MOVE", "ms"),
    Line("EXPUNGE", "ms"),
    Line("APPEND on 1 connection", "mails/s", more_is_better=True),
    Line("APPEND on 8 connections", "mails/s", more_is_better=True),
    Line("mixed sessions", "per s", more_is_better=True),
    Line("IDLE told after", "ms", AHEAD, bound=5.0),
    Line("POP3 login, STAT, UIDL, cold", "ms", AHEAD),
    Line("POP3 login, STAT, UIDL, warm", "ms", AHEAD),
    Line("POP3 RETR of all", "MB/s", more_is_better=True),
)
BY_NAME = {line.name: line for line in LINES}


class Figures:
    """What was measured of one server: for each line the samples, of which the median counts."""

    def __init__(self) -> None:
        self._samples: dict[str, list[float]] = {}

    def add(self, name: str, value: float) -> None:
        """One more sample of a line, in its unit. Raises KeyError for a name that has no line."""
        self._samples.setdefault(BY_NAME[name].name, []).append(value)

    def medians(self) -> dict[str, float]:
        """The figure of each measured line."""
        return {name: statistics.median(samples) for name, samples in self._samples.items()}
