"""The page on intervals."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tests.rivals import tables
from tests.rivals.calibration import NOMINAL, coverage

PAGE = Path(__file__).parent / "calibration.md"
OBSERVED = (25, 50)
HEAD = f"""# Intervals of our surrogate

The share of candidates whose value lies in its interval of {NOMINAL:.0%}, among those that a search
of so many evaluations has not evaluated: of all, and of the better half. Means over seeds.
Made by `python -m tests.rivals calibration`.
"""


def calibrated(names: list[str], seeds: int) -> str:
    """Return the page for some tables."""
    titles = [f"{half} after {number}" for number in OBSERVED for half in ("all", "upper half")]
    rows, shares = [], []
    for name in names:
        for case in map(tables.CaseName.read, tables.cases(name)):
            table = case.within
            found = [
                [coverage(table.pool, table.gains[:, 0], number, seed) for number in OBSERVED]
                for seed in range(seeds)
            ]
            means = np.mean(
                [[share for each in run for share in (each.all, each.upper_half)] for run in found],
                axis=0,
            )
            shares.append(means)
            rows.append(_row([f"{name} {case.bounds}", *(f"{share:.3f}" for share in means)]))
            print(rows[-1], flush=True)
    rows.append(_row(["mean", *(f"{share:.3f}" for share in np.mean(shares, axis=0))]))
    lines = [_row(["case", *titles]), _row(["---", *["---:"] * len(titles)]), *rows]
    return HEAD + "\n" + "\n".join(lines) + "\n"


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"
