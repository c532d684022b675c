"""Measurements of candidates by their ids, as tests make them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Engine

from dse.store import Context, Replicate, get_candidate, record_replicates, seed_label


def record_measurement(
    engine: Engine,
    id: int,
    what: str,
    value: float | None,
    context: Mapping[str, Any],
    run: int,
    error: str | None = None,
    seconds: float | None = None,
) -> None:
    """Record a measurement of a candidate; a `seed` among its context tells replicates apart."""
    row = get_candidate(engine, id).row
    content = {name: value for name, value in context.items() if name != "seed"}
    seed = context.get("seed")
    label = "1" if seed is None else seed_label(seed)
    replicate = Replicate(row.family, row.key, what, value, label, seed, seconds, error)
    record_replicates(engine, run, [replicate], Context(content), "a test")
