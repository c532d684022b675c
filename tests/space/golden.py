"""The costs of every shipped variant and of every family's defaults, as integers in one file.

A change of any of them is either a mistake or has to be seen in review. Refresh the file with

    python -m tests.space.golden
"""

import json
from pathlib import Path

from dse.costs.cost_list import Costs
from dse.space import BlockTable, cost_of
from tests.space.shipped import FAMILIES, family

FILE = Path(__file__).with_suffix(".json")


def current():
    """Return key and costs of each variant by `family/variant`, the defaults without a name."""
    table, found = BlockTable(), {}
    for name in FAMILIES:
        for variant in ["", *family(name).variants]:
            page = family(name).variant(variant) if variant else family(name)
            candidate = page.resolve(page.defaults)
            costs = cost_of(candidate, table)
            assert isinstance(costs, Costs), f"{name}/{variant}: {costs}"
            found[f"{name}/{variant}"] = {"key": candidate.key, **costs.as_dict()}
    return found


if __name__ == "__main__":
    FILE.write_text(json.dumps(current(), indent=1) + "\n")
