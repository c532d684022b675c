"""The keys of arrays of candidates, equal to `Candidate.key` of each."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b

import numpy

from dse.space.candidate import input_identity, settings_key
from dse.space.costing import Integers
from dse.space.tables.cost_columns import CostTables, Group
from dse.space.tables.factors import Booleans, Factor, row_of


@dataclass(frozen=True)
class Keys:
    """Hashes the networks of candidates, whose content is a text for each group of slots.

    Candidates side by side share all but the last of these texts, so that these are hashed once.
    """

    tables: CostTables

    @cached_property
    def _shapes(self) -> Factor:
        """The beginning of the content by the shape of the network's input."""
        space = self.tables.space
        starts = [
            b"" if state < 0 else f"[{json.dumps(self._input(state))}, [".encode()
            for state in space.shape.values.tolist()
        ]
        return Factor(space.shape.dimensions, numpy.array(starts, dtype=object))

    def _input(self, state: int) -> list[int | str]:
        space = self.tables.space
        return input_identity(space.table.shape_of(state), space.grid.family.input_dtype)

    @cached_property
    def _contents(self) -> list[list[bytes]]:
        """For each group of slots, the content of its blocks at each of its rows."""
        space, contents = self.tables.space, []
        for group in self.tables.groups:
            done = [
                space.slots[slot].transitions.over(group.dimensions, space.sizes).tolist()
                for slot in group.slots
            ]
            of = {n: space.table.content_of(n) for n in {n for row in done for n in row} if n >= 0}
            contents.append(
                [b"".join(of.get(n, b"") for n in row) for row in zip(*done, strict=True)]
            )
        return contents

    def of(self, choices: Integers, fails: Booleans) -> Integers:
        """Return the key of each candidate.

        Args:
            choices: of shape (candidates, dimensions).
            fails: whether an expression of the page fails there, so that there are no blocks.
        """
        keys = self._of_blocks(choices)
        family = self.tables.space.grid.family
        for row in numpy.flatnonzero(fails).tolist():
            settings = self.tables.space.grid.settings(choices[row].tolist())
            keys[row] = settings_key(family.name, settings)
        return keys

    def _of_blocks(self, choices: Integers) -> Integers:
        sizes = self.tables.space.sizes
        groups = self.tables.groups
        rows = [self._rows(group, choices) for group in groups]
        last = rows.pop()
        *earlier, final = self._contents
        starts = self._shapes.at(choices, sizes)
        before = row_of(self._shapes.dimensions, choices, sizes)
        for at, content in zip(rows, earlier, strict=True):
            before = numpy.unique(before * len(content) + at, return_inverse=True)[1]
        _, firsts, before = numpy.unique(before, return_index=True, return_inverse=True)
        begun, separated = [], []
        for candidate in firsts.tolist():
            blocks = b"".join(
                content[at[candidate]] for at, content in zip(rows, earlier, strict=True)
            )
            begun.append(blake2b(starts[candidate] + blocks[2:], digest_size=8))
            separated.append(bool(blocks))
        ends = [content + b"]]" for content in final]
        endings = {True: ends, False: [end[2:] for end in ends]}
        behind = [endings[is_separated] for is_separated in separated]
        digests = []
        for start, end in zip(before.reshape(-1).tolist(), last.tolist(), strict=True):
            hashing = begun[start].copy()
            hashing.update(behind[start][end])
            digests.append(hashing.digest())
        return (numpy.frombuffer(b"".join(digests), dtype=">u8") >> 1).astype(numpy.int64)

    def _rows(self, group: Group, choices: Integers) -> Integers:
        return row_of(group.dimensions, choices, self.tables.space.sizes)
