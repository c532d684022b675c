"""How many parts a network may have: a setting must not keep a constructor going for ever."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from torch import nn
from torch.nn.modules.module import (
    register_module_buffer_registration_hook,
    register_module_module_registration_hook,
    register_module_parameter_registration_hook,
)

from dse.limits import limit, shown_limit


@contextmanager
def limited_parts() -> Iterator[None]:
    """Have a constructor that is called inside fail at more than the limit `module_parts` parts.

    Raises:
        ValueError: from within the constructor.
    """
    number = 0

    def counted(module: nn.Module, name: str, part: Any) -> None:
        nonlocal number
        number += 1
        if number > limit("module_parts"):
            raise ValueError(f"more than {shown_limit('module_parts')} modules and weights")

    hooks = [
        register_module_module_registration_hook(counted),
        register_module_parameter_registration_hook(counted),
        register_module_buffer_registration_hook(counted),
    ]
    try:
        yield
    finally:
        for hook in hooks:
            hook.remove()
