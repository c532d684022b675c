"""What has to hold before the first candidate of a search is evaluated."""

from __future__ import annotations

import torch

from dse.errors import DseError
from dse.search.objective import Objective
from dse.search.objectives import cost_of
from dse.store import check_measurement_name


def usable_device(name: str) -> str:
    """Return the device that networks are evaluated on; `auto` is a GPU where there is one.

    Raises:
        DseError: for what is no device of PyTorch's, or one that is not here.
    """
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


def check_names(objective: Objective) -> None:
    """Refuse measurements whose names mean something else, but for costs by their own names.

    Raises:
        DseError: naming the measurement.
    """
    for measure in objective.measures:
        if cost_of(measure.function, measure.options) != measure.name:
            try:
                check_measurement_name(measure.name)
            except DseError as error:
                raise DseError(f"objective: {error}") from error
