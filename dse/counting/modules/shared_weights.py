"""Parameters that parts of a network share: counted with the part that owns them.

A module that lends names the parameter in `lent_weights`, one that borrows in `borrowed_weights`.
In the whole network they are one tensor. Of a part alone there are two halves of it: the lender has
the parameter and the optimizer's state; its gradient is made in the borrower, which runs last and
whose backward pass is first, and the lender's own is added to that.
"""

from __future__ import annotations

from collections.abc import Iterator

from torch import Tensor, nn

from dse.counting.modules.module_walks import modules_within
from dse.errors import DseError


def borrowed_weights(model: nn.Module) -> dict[int, Tensor]:
    """Return, by id, the parameters that modules of a model borrow of no module of it."""
    borrowed = _named(model, "borrowed_weights")
    lent = _named(model, "lent_weights") if borrowed else {}
    return {key: borrowed[key] for key in borrowed if key not in lent}


def lent_weights(model: nn.Module) -> dict[int, Tensor]:
    """Return, by id, the parameters that modules of a model lend to no module of it."""
    lent = _named(model, "lent_weights")
    borrowed = _named(model, "borrowed_weights") if lent else {}
    return {key: lent[key] for key in lent if key not in borrowed}


def share_weights(network: nn.Module) -> None:
    """Put what modules of a network lend in the place of what others borrow, in order.

    Nothing is done where none borrows, or where there is nobody to borrow from, as in a part of a
    network by itself.

    Raises:
        DseError: where two halves have different shapes.
    """
    lent = list(_tensors(network, "lent_weights"))
    for module in network.modules() if lent else ():
        for name in getattr(module, "borrowed_weights", ()):
            place, _, last = name.rpartition(".")
            own, weight = module.get_parameter(name), lent[0]
            if own.shape != weight.shape:
                sizes = ["×".join(map(str, tensor.shape)) for tensor in (own, weight)]
                raise DseError(f"a tied weight of {sizes[0]} is not the {sizes[1]} that is lent")
            setattr(module.get_submodule(place), last, weight)


def _named(model: nn.Module, attribute: str) -> dict[int, Tensor]:
    return {id(tensor): tensor for tensor in _tensors(model, attribute)}


def _tensors(model: nn.Module, attribute: str) -> Iterator[Tensor]:
    for _, module in modules_within(model):
        # Not by `getattr`, which is slow to find that a module has no such attribute.
        own: tuple[str, ...] | None = vars(module).get(attribute)
        for name in getattr(type(module), attribute, ()) if own is None else own:
            yield module.get_parameter(name)
