"""HEBO behind JSON lines: run by the Python of HEBO's own environment, which has nothing of dse.

The first line that it reads holds the axes of the design space, `[[size, ordered], …]`. Each
further one asks for a suggestion: `{"rows": [[rank, …], …], "losses": […], "seed": …}`, and is
answered by a line with the ranks of the suggested row.
"""

from __future__ import annotations

import json
import random
import sys
import warnings
from typing import Any


def main() -> None:
    warnings.simplefilter("ignore")
    # What libraries print must not stand among the answers.
    answers, sys.stdout = sys.stdout, sys.stderr
    axes = json.loads(sys.stdin.readline())
    for line in sys.stdin:
        asked = json.loads(line)
        row = suggested(axes, asked["rows"], asked["losses"], asked["seed"])
        print(json.dumps(row), file=answers, flush=True)


def suggested(
    axes: list[tuple[int, bool]], rows: list[list[int]], losses: list[float], seed: int
) -> list[int]:
    """Return the row that HEBO suggests, after it is told all that is known."""
    import numpy as np
    import pandas as pd
    import torch
    from hebo.design_space.design_space import DesignSpace
    from hebo.optimizers.hebo import HEBO

    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)
    torch.set_num_threads(1)
    names = [f"x{axis:03}" for axis in range(len(axes))]
    space = DesignSpace().parse([_axis(n, *a) for n, a in zip(names, axes, strict=True)])
    optimiser = HEBO(space, rand_sample=2, scramble_seed=seed)
    optimiser.observe(pd.DataFrame(rows, columns=names), np.array(losses).reshape(-1, 1))
    found = optimiser.suggest(n_suggestions=1).iloc[0]
    return [int(found[name]) for name in names]


def _axis(name: str, size: int, is_ordered: bool) -> dict[str, Any]:
    if is_ordered:
        return {"name": name, "type": "int", "lb": 0, "ub": size - 1}
    return {"name": name, "type": "cat", "categories": list(range(size))}


if __name__ == "__main__":
    main()
