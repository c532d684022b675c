"""`dse supernet`: one training whose weights all candidates of a space take theirs from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, fields, make_dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_type_hints

from dse.cli.composition import Request, of_today, requested_space, run_hydra_command
from dse.cli.formats import OutputFormat, output_format
from dse.cli.printing import note, print_rows, progress_when_begun
from dse.language import format_quantity
from dse.project import (
    SpaceKeys,
    SupernetRequest,
    TrainedSupernet,
    describe_grid,
    read_executor,
    run_supernet,
)
from dse.supernet import SupernetTraining

if TYPE_CHECKING:

    @dataclass
    class TrainingKeys:
        """The keys under `supernet` that say how it is trained: those of `SupernetTraining`."""

else:
    _TYPES = get_type_hints(SupernetTraining)
    TrainingKeys = make_dataclass(
        "TrainingKeys",
        [
            (each.name, _TYPES[each.name], field(default=each.default))
            for each in fields(SupernetTraining)
        ],
    )
    TrainingKeys.__module__ = __name__


@dataclass
class SupernetKeys(TrainingKeys):
    """The keys under `supernet`."""

    output: str = "outputs/supernet.pt"
    branches: list[str] = field(default_factory=list)
    start: str | None = None
    weights: str | None = None
    importance: str | None = None


@dataclass
class SupernetConfig(SpaceKeys):
    """The keys of `conf/supernet.yaml`."""

    budget: dict[str, Any] = field(default_factory=dict)
    supernet: SupernetKeys = field(default_factory=SupernetKeys)
    executor: dict[str, Any] = field(default_factory=dict)
    workers: int | None = None
    explain: bool = False
    format: str = "table"


def command(request: Request) -> None:
    """Train the supernet of a config's space, or tell how its axes would be shared."""
    output = output_format(request.values["format"])
    wanted = _wanted(request)
    if request.values["explain"]:
        wanted.check_words()
        rows = [asdict(each) for each in wanted.explained]
        print_rows(rows, output)
        return
    is_remark = output is not OutputFormat.table
    with progress_when_begun(
        lambda: describe_grid(wanted.space.design),
        "supernet",
        lambda: wanted.training.epochs,
        "epochs",
        is_remark,
    ) as (begin, tell):

        def told(done: int, total: int, accuracies: dict[str, float]) -> None:
            tell(done, total)
            shown = " ".join(f"{value:.1f}" for value in accuracies.values())
            note(f"epoch {done} of {total}: accuracy from the largest to the smallest {shown}")

        found = run_supernet(wanted, str(request.values["store"]["url"]), told, begin)
    if is_remark:
        print_rows([_row(found)], output)
        return
    _print(found)


def _wanted(request: Request) -> SupernetRequest:
    keys = dict(request.values["supernet"])
    names = [each.name for each in fields(SupernetTraining)]
    space = requested_space(request)
    return SupernetRequest(
        space,
        Path(keys["output"]),
        SupernetTraining(**{name: keys[name] for name in names}),
        space.bounds_on(request.values["budget"]),
        tuple(keys["branches"]),
        keys["start"],
        None if keys["weights"] is None else Path(keys["weights"]),
        keys["importance"],
        read_executor(request.choices.get("executor", "local"), request.values["executor"]),
        request.values["workers"],
    )


def _row(found: TrainedSupernet) -> dict[str, Any]:
    return {
        "output": str(found.output),
        "candidates": found.candidates,
        "weights": found.weights,
        "predicted_memory": found.predicted_memory,
        **{f"accuracy_{key}": value for key, value in found.accuracies.items()},
    }


def _print(found: TrainedSupernet) -> None:
    if found.start is not None:
        print(
            f"began from {found.start.whole} tensors whole and {found.start.cut} in part; "
            f"{found.start.left} have no place, {found.start.ordered} rows of channels were ordered"
        )
    memory = "unknown memory"
    if found.predicted_memory is not None:
        memory = f"{format_quantity(found.predicted_memory, 'bytes')} of memory a step"
    print(f"trained {found.weights:,} weights on {found.candidates:,} candidates, about {memory}")
    print(f"wrote {found.output}: objective=inherited objective.supernet={found.output}")


def main(arguments: Sequence[str]) -> None:
    """Run `dse supernet` with these words."""
    words = ["explain=true" if word == "--explain" else word for word in arguments]
    words = [of_today("supernet", word) for word in words]
    run_hydra_command("supernet", SupernetConfig, command, words)
