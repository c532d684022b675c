"""Runs a model on data and each of its operators without data too: do they lay out alike?"""

import torch
from torch import Tensor, nn
from torch.utils._pytree import tree_leaves, tree_map_only

from dse.counting.meta_device import meta_kernels
from dse.counting.operators.operator_costs import operator_name
from dse.counting.tensors.specs_of_tensors import spec_of
from dse.counting.tensors.tensor_specs import TensorSpec
from dse.counting.torch_internals import DispatchMode


def without_data(tensor: Tensor) -> Tensor:
    if not tensor.dim() or tensor.layout is not torch.strided:
        return tensor
    return torch.empty_strided(tensor.shape, tensor.stride(), dtype=tensor.dtype, device="meta")


def specs(output: object) -> list[TensorSpec]:
    """Return layouts, without the strides of axes of size 1 and of nothing, which say nothing."""
    found = [spec_of(each) for each in tree_leaves(output) if isinstance(each, Tensor)]
    return [spec._replace(stride=_told_strides(spec)) for spec in found]


def storage_bytes(output: object) -> list[int]:
    """Return the bytes of the storage of each tensor that is strided."""
    found = [each for each in tree_leaves(output) if isinstance(each, Tensor)]
    return [each.untyped_storage().nbytes() for each in found if each.layout is torch.strided]


def _told_strides(spec: TensorSpec) -> tuple[int, ...]:
    pairs = zip(spec.shape, spec.stride, strict=True)
    return tuple(stride if size > 1 and 0 not in spec.shape else 0 for size, stride in pairs)


class Beside(DispatchMode):
    """Notes what each operator returns on data, and what it does without."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.differing: dict[str, tuple[object, ...]] = {}
        self.refused: dict[str, str] = {}
        """Why an operator did not run without data."""

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        kwargs = kwargs or {}
        given = tree_map_only(Tensor, without_data, (args, kwargs))
        output = func(*args, **kwargs)
        name = operator_name(func)
        if func.namespace != "prim" and any(
            isinstance(each, Tensor) and each.is_meta for each in tree_leaves(given)
        ):
            self.names.add(name)
            try:
                found = meta_kernels.run(func, *given)
            except (RuntimeError, NotImplementedError) as error:
                self.refused[name] = str(error)
                return output
            # What is returned of a storage that was given is as large as that.
            sizes = (
                [] if self._is_of_operand(func) else [storage_bytes(found), storage_bytes(output)]
            )
            if specs(found) != specs(output) or len(set(map(tuple, sizes))) > 1:
                arguments = tree_map_only(Tensor, spec_of, (args, kwargs))
                self.differing[name] = (arguments, specs(found), specs(output), sizes)
        return output

    @staticmethod
    def _is_of_operand(func) -> bool:
        return any(result.alias_info is not None for result in func._schema.returns)


def beside(model: nn.Module, *inputs: Tensor) -> Beside:
    """Run a forward and a backward pass of a model in training mode."""
    model.train()
    with Beside() as noted:
        output = model(*inputs)
        ends = [t for t in tree_leaves(output) if isinstance(t, Tensor) and t.requires_grad]
        torch.autograd.backward(ends, [torch.ones_like(each) for each in ends])
    return noted
