"""The state of one search under way: what is known of each leaf, and which positions are still undecided.

Invariant: bounds only ever narrow, so `undecided` only ever shrinks; what was decided needs no further look.
"""

from __future__ import annotations

from bustia.model.search_key import SearchKey
from bustia.store.search import positions
from bustia.store.search.program import Bounds, Join, Leaf, compiled, run


class Narrowing:
    """One search over `size` messages. Raises ValueError for keys that only a session can resolve."""

    def __init__(self, key: SearchKey, size: int) -> None:
        self.size = size
        self.everything = positions.full(size)
        self.sure = 0
        self.undecided = self.everything
        self._program = compiled(key)
        leaves = dict.fromkeys(step for step in self._program if not isinstance(step, Join))
        self._bounds: dict[Leaf, Bounds] = dict.fromkeys(leaves, Bounds(0, self.everything))

    def leaves(self) -> tuple[Leaf, ...]:
        """The distinct leaves of the key."""
        return tuple(self._bounds)

    def open_at(self, leaf: Leaf) -> int:
        """The undecided positions where this leaf itself is not known."""
        bounds = self._bounds[leaf]
        return self.undecided & bounds.possible & ~bounds.sure

    def found(self, leaf: Leaf, among: int, matching: int) -> None:
        """Of the positions `among`, exactly `matching` match the leaf."""
        before = self._bounds[leaf]
        sure = before.sure | (matching & among)
        self._bounds[leaf] = Bounds(sure, (before.possible & ~among) | sure)

    def excluded(self, leaf: Leaf, outside: int) -> None:
        """The leaf matches none of the positions `outside`."""
        before = self._bounds[leaf]
        self._bounds[leaf] = Bounds(before.sure, before.possible & ~outside)

    def settle(self) -> None:
        """Computes the whole key from what is known now."""
        outcome = run(self._program, self._bounds, self.everything)
        self.sure = outcome.sure
        self.undecided = outcome.possible & ~outcome.sure
