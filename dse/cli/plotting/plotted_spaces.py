"""`dse plot distribution`: how a cost is spread over a space of any size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from dse.cli.composition import Request, requested_space, run_hydra_command
from dse.cli.plotting.shown_figures import checked, save
from dse.cli.printing import print_bars
from dse.project import BARS, SpaceKeys, distribution_bars, distribution_of_bars

BARS_OF_TEXT = 12


@dataclass
class DistributionConfig(SpaceKeys):
    """The keys of `conf/plot-distribution.yaml`."""

    of: str = "macs"
    bars: int | None = None
    bounds: str | None = None
    picture: str | None = None
    title: str = ""


def run_distribution(request: Request) -> None:
    """Draw the distribution of a cost over the space of a config; nothing is stored."""
    values = request.values
    picture = None if values["picture"] is None else Path(values["picture"])
    checked(picture)
    space = requested_space(request).with_store(str(values["store"]["url"]))
    bars = values["bars"]
    if bars is None:
        bars = BARS_OF_TEXT if picture is None else BARS
    cost, title = values["of"], values["title"]
    found = distribution_bars(space, cost, bars)
    if picture is None:
        print_bars(cost, found)
        return
    figure = distribution_of_bars(space, cost, found, values["bounds"], title)
    save(figure, picture, title or f"{cost} of {space.family}")


def main(arguments: Sequence[str]) -> None:
    """Run `dse plot distribution` with these words; the first that is no override is the cost."""
    words = list(arguments)
    for place, word in enumerate(words):
        is_value = place > 0 and words[place - 1].startswith("-") and "=" not in words[place - 1]
        if not word.startswith("-") and "=" not in word and not is_value:
            words[place] = f"of={word}"
            break
    run_hydra_command("plot-distribution", DistributionConfig, run_distribution, words)
