"""A forward that was put in the place of a module's own runs on the copy, not on the model."""

import functools
import types

import pytest
import torch
from torch import nn

import dse
from dse.errors import DseError


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Conv2d(3, 8, 3, bias=False), nn.BatchNorm2d(8))
        self.head = nn.Linear(8, 5)

    def forward(self, maps):
        return self.head(self.body(maps).mean((2, 3)))


def by_a_closure(module):
    own = module.forward
    module.forward = lambda maps: own(maps)


def by_a_default(module):
    """As in a loop, where a variable of the surroundings would change."""
    module.forward = lambda maps, own=module.forward: own(maps)


def by_a_named_default(module):
    module.forward = lambda maps, *, own=module.forward: own(maps)


def by_a_decorator(module):
    def logged(function, times=[0]):  # noqa: B006 -- what a decorator keeps is its own
        @functools.wraps(function)
        def wrapper(*given, scale=1):
            times[0] += 1
            return function(*given)

        return wrapper

    module.forward = logged(logged(module.forward))


def by_a_method(module):
    module.forward = types.MethodType(lambda self, maps: type(self).forward(self, maps), module)


def by_a_partial(module):
    """As `accelerate` puts its hooks around modules."""

    def hooked(module, *given, **named):
        return module.former(*given, **named)

    module.former = module.forward
    module.forward = functools.update_wrapper(functools.partial(hooked, module), module.former)


def by_a_partial_of_a_closure(module):
    own = module.forward
    module.forward = functools.partial(lambda maps, scale: own(maps) * scale, scale=1)


def by_the_module_itself(module):
    module.forward = lambda maps: type(module).forward(module, maps)


WAYS = (
    by_a_closure,
    by_a_decorator,
    by_a_default,
    by_a_named_default,
    by_a_method,
    by_a_partial,
    by_a_partial_of_a_closure,
    by_the_module_itself,
)


@pytest.mark.parametrize("at", ["", "body", "body.1", "head"])
@pytest.mark.parametrize("replace", WAYS)
def test_the_model_is_not_touched(replace, at):
    model, plain = Net(), Net()
    replace(model.get_submodule(at))
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    counted, usual = (dse.count(each, (2, 3, 8, 8)) for each in (model, plain))
    assert counted.on_data is None
    assert (counted.params, counted.macs) == (usual.params, usual.macs)
    assert (counted.train_memory is None) == (usual.train_memory is None) is False
    after = model.state_dict()
    assert all(torch.equal(before[name], after[name]) for name in before)
    assert model(torch.zeros(2, 3, 8, 8)).shape == (2, 5)
    assert {*before} == {*after}


def test_what_a_closure_holds_besides_is_copied_too():
    teacher, model = nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8)), nn.Conv2d(3, 8, 3)
    own = model.forward

    def distilled(maps):
        return own(maps) - teacher(maps)

    model.forward = distilled
    counted = dse.count(model, (2, 3, 8, 8))
    assert counted.macs == 2 * dse.count(nn.Conv2d(3, 8, 3), (2, 3, 8, 8)).macs
    assert teacher[1].num_batches_tracked == 0
    assert not any(tensor.is_meta for tensor in teacher.state_dict().values())


def test_variables_that_are_not_set_yet_are_no_hindrance():
    model = nn.Linear(4, 4)

    def forward(given):
        return nn.functional.linear(given, model.weight) if given is not None else later

    model.forward = forward
    assert dse.count(model, (2, 4)).macs == 2 * 4 * 4
    later = None


GLOBAL = """
import torch
from torch import nn
model = nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8))
own = model[1].forward
model[1].forward = lambda maps: own(maps)
"""


@pytest.mark.parametrize("real", ["auto", False])
def test_a_variable_of_a_file_that_leads_to_the_model_itself_is_told(real):
    names = {}
    exec(GLOBAL, names)
    with pytest.raises(DseError, match="Sequential runs parts of the model itself"):
        dse.count(names["model"], (2, 3, 8, 8), real=real)
    assert names["model"][1].running_mean.eq(0).all()
