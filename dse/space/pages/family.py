"""A family: a set of networks written as blocks with axes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from dse.language import Value
from dse.space.candidate import Candidate
from dse.space.pages.family_definition import FamilyDefinition
from dse.space.pages.resolution import resolve_candidate


@dataclass(frozen=True)
class Family(FamilyDefinition):
    """A family page, with the candidates that its settings stand for."""

    def resolve(self, settings: Mapping[str, Value]) -> Candidate:
        """Return the candidate at these settings; columns left out are at their defaults.

        The candidate keeps the settings that make a difference to it: columns of layers beyond a
        stage's depth, of blocks not chosen and of axes that do not exist there are dropped.

        Raises:
            DseError: where an expression cannot be evaluated at these settings, an input size or a
                number of repeats is no positive integer, or a block is unknown.
        """
        return resolve_candidate(self, settings)
