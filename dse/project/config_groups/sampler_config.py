"""From the config of a sampler to what makes it for a pool."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType, ModuleType
from typing import Any

import optuna
from optuna.samplers import BaseSampler

from dse.errors import DseError
from dse.search import SAMPLERS as OWN_SAMPLERS
from dse.search import Pool, SamplerMaker
from dse.space import check_arguments, find_target

_OF_OBJECTS = ("optuna.samplers.GridSampler", "optuna.samplers.PartialFixedSampler")
"""Samplers that need what a config cannot say: Optuna's own grid, or another sampler."""

_OF_THE_POOL = ("candidates", "costs", "known_objectives", "hints", "beyond")
"""Arguments of a sampler that it is given, and that no config says."""

_NONE_KNOWN: Mapping[int, str] = MappingProxyType({})


def classes_of(module: ModuleType, base: type) -> dict[str, Callable[..., Any]]:
    """Return the classes of a kind that a module of Optuna has to offer, by their paths."""
    public = {f"{module.__name__}.{name}": getattr(module, name) for name in module.__all__}
    return {
        path: each
        for path, each in public.items()
        if inspect.isclass(each) and issubclass(each, base) and not inspect.isabstract(each)
    }


SAMPLERS: dict[str, Callable[..., Any]] = {
    path: each
    for path, each in {**classes_of(optuna.samplers, BaseSampler), **OWN_SAMPLERS}.items()
    if path not in _OF_OBJECTS
}
"""The samplers that any config may name, by their paths."""


def find_sampler(path: Any, allow: Sequence[str]) -> Callable[..., Any]:
    """Return the sampler at a dotted path: one of `SAMPLERS`, or the user's own.

    Raises:
        DseError: for a path that is not allowed, or that leads nowhere.
    """
    return find_target(path, SAMPLERS, allow, "sampler._target_")


def takes_pool(target: Callable[..., Any]) -> bool:
    """Return whether a sampler is made of the candidates that it chooses among."""
    return "candidates" in inspect.signature(target).parameters


def _takes_hints(target: Callable[..., Any]) -> bool:
    return takes_pool(target) and "hints" in inspect.signature(target).parameters


def refuse_hints_for(content: Mapping[str, Any], allow: Sequence[str]) -> None:
    """Refuse a sampler that takes no hints.

    Args:
        content: of its config.
        allow: modules of the user's own that it may name.

    Raises:
        DseError: naming those that do.
    """
    target = find_sampler(content.get("_target_"), allow)
    if not _takes_hints(target):
        others = ", ".join(each.__name__ for each in SAMPLERS.values() if _takes_hints(each))
        raise DseError(f"hints: {target.__name__} takes none; choose a sampler that does: {others}")


def read_sampler(
    content: Mapping[str, Any], allow: Sequence[str], known: Mapping[int, str] = _NONE_KNOWN
) -> SamplerMaker:
    """Return what makes the Optuna sampler that a config describes from a seed.

    Args:
        content: of the config: `_target_` and options.
        allow: modules of the user's own that it may name.
        known: objectives that are costs of the pool, by their numbers.

    Raises:
        DseError: for a target that is not allowed, or an option that it does not take or refuses.
    """
    options = {str(key): value for key, value in content.items()}
    target = find_sampler(options.pop("_target_", None), allow)
    check_arguments(target, options, "sampler", ("seed", *_OF_THE_POOL))
    return sampler_maker(target, options, known)


def sampler_maker(
    target: Callable[..., Any],
    options: Mapping[str, Any],
    known: Mapping[int, str] = _NONE_KNOWN,
) -> SamplerMaker:
    """Return what makes a sampler of a class for a pool from a seed.

    One that takes `candidates` is given those of the pool and their costs; what was said of the
    order of their columns, where it takes `ordered`; which objectives are which costs, where it
    takes `known_objectives`; and what else may tell something of them, where it takes `hints`.

    Args:
        target: the class, or what returns such a sampler.
        options: what else it is called with.
        known: objectives that are costs of the pool, by their numbers.

    Raises:
        DseError: for options that it refuses, told before anything runs.
    """
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    taken = inspect.signature(target).parameters

    def made(seed: int, given: Mapping[str, Any]) -> BaseSampler:
        try:
            with warnings.catch_warnings():
                # That Optuna may change its interface is of no matter to who names a sampler.
                warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
                sampler = target(**{**options, **given}, seed=seed)
        except (TypeError, ValueError) as error:
            raise DseError(f"sampler: {error}") from error
        if not isinstance(sampler, BaseSampler):
            raise DseError(f"sampler._target_: {target.__qualname__} is not an Optuna sampler")
        return sampler

    def make(pool: Pool, seed: int) -> BaseSampler:
        return made(seed, _given(pool, options, known, taken) if takes_pool(target) else {})

    # The candidates of the trial have no parameters that could be ordered.
    unordered = {"ordered": None} if "ordered" in taken else {}
    made(0, {"candidates": [{}], **unordered} if takes_pool(target) else {})
    return make


def _given(
    pool: Pool, options: Mapping[str, Any], known: Mapping[int, str], taken: Mapping[str, Any]
) -> dict[str, Any]:
    given: dict[str, Any] = {"candidates": pool.candidates, "costs": pool.cost_matrix}
    if "ordered" in taken and pool.ordered:
        given["ordered"] = {**pool.ordered, **(options.get("ordered") or {})}
    columns = list(pool.costs)
    of_costs = {number: columns.index(cost) for number, cost in known.items() if cost in columns}
    if "known_objectives" in taken and of_costs:
        given["known_objectives"] = of_costs
    if "beyond" in taken and pool.beyond is not None:
        given["beyond"] = pool.beyond
    if "hints" in taken and pool.hints is not None:
        given["hints"] = pool.hints
    return given
