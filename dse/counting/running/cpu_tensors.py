"""Tensors without data that pass for tensors on the CPU, for what the meta device does not do.

Autocast knows no meta device. PyTorch's fake tensors dispatch like those of a real device, four
times as slowly.
"""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import Tensor, nn

from dse.counting.meta_device import has_data
from dse.counting.modules import copied_value
from dse.counting.running.preparation import Prepared
from dse.counting.torch_internals import (
    fake_tensor,
    fake_tensor_mode,
)

_CPU = torch.device("cpu")


def on_imitated_cpu(prepared: Prepared) -> Prepared:
    """Return a prepared model whose tensors without data are dispatched as on the CPU.

    The one that was given cannot be run any more.
    """
    mode = fake_tensor_mode()
    known: dict[int, Tensor] = {}

    def imitated(tensor: Tensor) -> Tensor:
        if id(tensor) not in known:
            fake = fake_tensor(mode, tensor, _CPU)
            if has_data(tensor):
                prepared.constants.append((fake, tensor))
            is_parameter = isinstance(tensor, nn.Parameter)
            known[id(tensor)] = nn.Parameter(fake, tensor.requires_grad) if is_parameter else fake
        return known[id(tensor)]

    model = copied_value(prepared.model, imitated)
    arguments, keywords, labels = copied_value(
        (prepared.arguments, prepared.keywords, prepared.labels), imitated
    )
    # The imitations share the storages, which nothing else may hold.
    prepared.arguments.clear()
    prepared.keywords.clear()
    prepared.labels.clear()
    return replace(
        prepared,
        model=model,
        arguments=arguments,
        keywords=keywords,
        labels=labels,
        mode=mode,
    )
