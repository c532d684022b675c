"""`python -m tests.optunahub FOLDER`: build PoolSampler as a package of OptunaHub, and check it.

FOLDER becomes, or is, a checkout of the registry: the package lies in FOLDER/package/samplers.
"""

from __future__ import annotations

import sys
from pathlib import Path

from tests.optunahub.build import build
from tests.optunahub.checks import faults, type_faults


def main() -> None:
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    place = build(Path(sys.argv[1]))
    print(f"built {place}")
    wrong = [*faults(place), *filter(None, [type_faults(place)])]
    if wrong:
        raise SystemExit("\n".join(wrong))
    print("the registry's checks pass")


if __name__ == "__main__":
    main()
