"""Whether more of a number is better: as the studies of a store have it."""

from __future__ import annotations

from dse.costs import COSTS
from dse.project.store_access import recorded_studies
from dse.store import find_study, open_for_reading


def is_score_of(url: str, value: str) -> bool:
    """Return whether more of a number is better, by the latest study of which it is a goal.

    Of what is the goal of no study, less is better, as of costs and errors.
    """
    if value in COSTS:
        return False
    for row in recorded_studies(url):
        engine = open_for_reading(url)
        goals = find_study(engine, int(row["id"])).content.get("goals", ())
        engine.dispose()
        for goal in goals:
            weight = goal["weights"].get(value)
            if weight:
                return bool((goal["direction"] == "maximize") == (weight > 0))
    return False
