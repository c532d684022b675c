"""What has to hold before the first candidate of a search is evaluated."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from dse.errors import DseError
from dse.execution import Executor, LocalExecutor
from dse.search.objective import Objective
from dse.search.objectives import cost_of
from dse.store import check_measurement_name


def usable_device(name: str) -> str:
    """Return the device that networks are evaluated on; `auto` is a GPU where there is one.

    Raises:
        DseError: for what is no device of PyTorch's, or one that is not here.
    """
    # A search of costs alone runs nothing, and does without.
    import torch

    if name == "auto":
        found = torch.accelerator.current_accelerator(check_available=True)
        return "cpu" if found is None else found.type
    try:
        torch.empty(1, device=torch.device(name)).add(1)
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        reason = str(error).partition("\n")[0]
        raise DseError(f"executor.devices: {name!r} cannot be used: {reason}") from error
    if torch.device(name).type == "meta":
        raise DseError("executor.devices: 'meta' holds no numbers, so nothing is measured on it")
    return name


def with_usable_devices(executor: Executor, runs_nothing: bool = False) -> Executor:
    """Return an executor whose devices are there and of one kind; `auto` is every GPU, if any.

    Args:
        executor: where devices are named.
        runs_nothing: whether `auto` may be the processor, as nothing is run on a device.

    Raises:
        DseError: for devices that are not here, or of several kinds.
    """
    if not isinstance(executor, LocalExecutor):
        return executor
    if runs_nothing and {*executor.devices} <= {"auto", "cpu"}:
        return replace(executor, devices=("cpu",) * len(executor.devices))
    import torch

    devices = []
    for name in executor.devices:
        device = usable_device(name)
        number = torch.accelerator.device_count() if name == "auto" and device != "cpu" else 1
        devices += [f"{device}:{at}" for at in range(number)] if number > 1 else [device]
    kinds = sorted({name.partition(":")[0] for name in devices})
    if len(kinds) > 1:
        listed = " and ".join(kinds)
        raise DseError(
            f"executor.devices: {listed} make different measurements; name devices of one kind"
        )
    return replace(executor, devices=tuple(devices))


def check_names(objective: Objective, settings: Collection[str]) -> None:
    """Refuse measurements whose names mean something else, but for costs by their own names.

    Args:
        objective: of the search.
        settings: the names of those of candidates, and of their training.

    Raises:
        DseError: naming the measurement.
    """
    for measure in objective.measures:
        if cost_of(measure.function, measure.options) != measure.name:
            try:
                check_measurement_name(measure.name, settings)
            except DseError as error:
                raise DseError(f"objective: {error}") from error
