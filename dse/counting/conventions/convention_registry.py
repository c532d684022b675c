"""Every convention by its name, and the reading of a trace by one."""

from __future__ import annotations

from collections.abc import Mapping

from dse.counting.conventions.convention import Convention, Reading
from dse.counting.conventions.fvcore import FVCORE
from dse.counting.conventions.parameters import PARAMETERS
from dse.counting.conventions.ptflops import PTFLOPS
from dse.counting.conventions.ptflops_aten import PTFLOPS_ATEN
from dse.counting.conventions.pycls import PYCLS
from dse.counting.conventions.thop import THOP
from dse.counting.conventions.torch_counter import TORCH
from dse.counting.conventions.torchinfo import TORCHINFO
from dse.counting.conventions.torchstat import TORCHSTAT
from dse.counting.conventions.torchstat import read as read_torchstat
from dse.counting.conventions.torchsummary import TORCHSUMMARY
from dse.counting.trace_records import Trace
from dse.errors import DseError, nearest

CONVENTIONS: dict[str, Convention] = {
    convention.name: convention
    for convention in (
        PARAMETERS,
        THOP,
        TORCHSTAT,
        TORCHSUMMARY,
        TORCHINFO,
        FVCORE,
        TORCH,
        PTFLOPS,
        PTFLOPS_ATEN,
        PYCLS,
    )
}
"""A further one is read, printed and compared once it is in here."""


def find_convention(name: str) -> Convention:
    """Return a convention by its name.

    Raises:
        DseError: for an unknown name; the nearest one is named.
    """
    if name not in CONVENTIONS:
        raise DseError(f"unknown convention {name!r}; {nearest(name, CONVENTIONS)}")
    return CONVENTIONS[name]


def read_convention(trace: Trace, name: str, seconds: Mapping[str, float] | None = None) -> Reading:
    """Return a trace as another counter would have counted it.

    Args:
        trace: of any model; traced with `functions=True` for conventions that need it.
        name: one of `CONVENTIONS`.
        seconds: measured time of each layer by its name, which torchstat shows shares of.

    Raises:
        DseError: for an unknown name, or a trace that lacks the functions.
    """
    convention = find_convention(name)
    if convention.needs_functions and trace.functions is None:
        raise DseError(f"convention {name!r} needs a trace with functions=True")
    if convention is TORCHSTAT:
        return read_torchstat(trace, seconds)
    return convention.read(trace)
