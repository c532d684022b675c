"""A stored candidate, rebuilt from the page that its run recorded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from dse.configs import checked_name
from dse.counting import Count, build_without_weights, count
from dse.devices import deployed_memory
from dse.errors import DseError
from dse.project.networks.model_inputs import ModelInput
from dse.space import Candidate, build_network, network_inputs, part_dtypes, read_family
from dse.store import StoredCandidate, get_candidate, open_for_reading, run_config


def find_candidate(id: int, store: str) -> tuple[StoredCandidate, dict[str, Any]]:
    """Return a stored candidate, and the page of its family as its run recorded that.

    Raises:
        DseError: for an unknown id, or a row of a family that has no name or no page.
    """
    engine = open_for_reading(store)
    stored = get_candidate(engine, id)
    page = run_config(engine, stored.run_id).get("family")
    engine.dispose()
    checked_name(stored.row.family, f"candidate {id}: the family")
    if not isinstance(page, Mapping):
        raise DseError(f"candidate {id}: its run holds no page of family {stored.row.family}")
    return stored, dict(page)


def rebuild(
    stored: StoredCandidate, page: Mapping[str, Any], allow: Iterable[str] = ()
) -> Candidate:
    """Return the candidate that a row stands for, resolved from the page of its family.

    Args:
        stored: the row.
        page: of the family, as the run recorded it.
        allow: modules of the user's own that the page may name; what a store says is not enough.

    Raises:
        DseError: where the page gives another network than the one that was stored.
    """
    row = stored.row
    family = read_family(row.family, page, f"family {row.family}", allow)
    candidate = family.resolve(row.settings)
    if candidate.key != row.key:
        raise DseError(f"candidate {stored.id}: its page resolves to another network by now")
    return candidate


def planned_arena(stored: StoredCandidate, candidate: Candidate) -> dict[str, int]:
    """Return the `arena` of a candidate that has an `sram`, which follows from no blocks.

    Empty where it has none, as under `cost.runtime=eager`, and of blocks with dtypes of their own.
    """
    conditions = stored.row.conditions
    if stored.row.costs is None or stored.row.costs["sram"] is None or part_dtypes(candidate):
        return {}
    inputs, named = network_inputs(candidate, conditions.batch, conditions.phase)
    network = build_without_weights(lambda: build_network(candidate))
    found = deployed_memory(network, inputs, conditions.runtime, conditions.dtype, named)
    return {"arena": found.arena}


def counted_layers(stored: StoredCandidate, candidate: Candidate) -> tuple[Count, ModelInput]:
    """Return the costs of a candidate's layers under its conditions, and the input they are at."""
    conditions = stored.row.conditions
    inputs, named = network_inputs(candidate, conditions.batch, conditions.phase)
    counted = count(
        build_without_weights(lambda: build_network(candidate)),
        inputs,
        named,
        dtype=conditions.dtype,
        part_dtypes=part_dtypes(candidate),
        precision=conditions.precision,
        optimizer=conditions.optimizer,
        kernels=conditions.kernels,
        checkpointing=conditions.checkpointing,
        context=conditions.context,
    )
    return counted, ModelInput(tuple(inputs), named)
