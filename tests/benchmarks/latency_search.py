"""The exact search by latency over Once-for-All's space, beside what samplers find in 1,000 trials.

    python -m tests.benchmarks.latency_search [TRIALS]

The space is that of `grid.width=1.2 grid.resolution=224`, about 2·10¹⁹ networks: there
Once-for-All's table of a Galaxy Note 10 holds, from the folder that DSE_REFERENCE_DATA names. The
goal is the most parameters, or the most MACs, within 30 ms. Samplers choose among networks that are
drawn uniformly from those within the budget, as any search of so large a space.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path

import dse

GRID = {"width": 1.2, "resolution": 224, "depth": [2, 3, 4], "kernel": [3, 5, 7]}
GRID |= {"expansion": [3, 4, 6]}
TABLE = Path("ofa") / "note10_224_lookup_table.yaml"
BUDGET = {"latency": "30ms"}


def main() -> None:
    """Print a row a goal and way."""
    trials = int(sys.argv[1]) if sys.argv[1:] else 1_000
    table = Path(os.environ["DSE_REFERENCE_DATA"]) / TABLE
    print("| most | found by | seconds | value | of the best |\n|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as directory:
        project = dse.open(Path(directory) / "dse.db")
        plain = dse.design_space("ofa_mobilenet_v3", GRID, device="note10")
        project.import_blocks(plain, table, rule="once_for_all")
        for goal in ("params", "macs"):
            best = None
            for way in ("exact", "random", "tpe"):
                # A space that was not used before, so that each way begins with nothing.
                space = dse.design_space("ofa_mobilenet_v3", GRID, device="note10")
                started = time.monotonic()
                how = {} if way == "exact" else {"sampler": way, "exact": False, "trials": trials}
                study = project.search(space, maximize=goal, budget=BUDGET, best=1, **how)
                seconds = time.monotonic() - started
                value = study.best[goal][0]
                best = best or value
                proof = ", proven" if way == "exact" and study.result.solved.is_proven else ""
                told = f"| {goal} | {way}{proof} | {seconds:.1f} | {value:,} | {value / best:.3f} |"
                print(told, flush=True)


if __name__ == "__main__":
    main()
