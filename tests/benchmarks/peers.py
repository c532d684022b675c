"""Every classification model of torchvision beside the counters that run it for real.

    python -m tests.benchmarks.peers [NAME …]

fvcore, ptflops, torchsummary and torchstat have to give what our readings of a trace give, to the
last row. Prints a line a model, and fails at once where one differs. The test suite does the same
for the smallest model of each set of layer types; all of them take about ten minutes.
"""

from __future__ import annotations

import argparse

from tests.counting.conventions.models import NAMES
from tests.counting.conventions.test_real_peers import test_equal_to_the_counters
from tests.counting.conventions.test_torchstat import check_rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", default=NAMES)
    for name in parser.parse_args().names:
        test_equal_to_the_counters(name)
        check_rows([name])
        print(f"{name}: equal to fvcore, ptflops, torchsummary and torchstat", flush=True)


if __name__ == "__main__":
    main()
