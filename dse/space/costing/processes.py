"""Costs callable candidates in parallel processes, none of which can take the others down."""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator, Iterable

from dse.code import directories_of
from dse.costs import COSTS, BlockNumbers, Conditions, Cost, Costs, declared_costs
from dse.counting import FIRST_DISPATCH
from dse.errors import DseError
from dse.execution import Ended, Executor, LocalExecutor, TaskPlace, TaskPool, Tell
from dse.space.blocks import check_trusted
from dse.space.candidate import Candidate
from dse.space.costing import tracing
from dse.space.costing.memo import BlockTable
from dse.space.costing.remembered import remember, texts_of, traced

_HERE = LocalExecutor()


def cost_in_processes(
    candidates: Iterable[Candidate],
    table: BlockTable,
    allow: tuple[str, ...] = (),
    executor: Executor = _HERE,
) -> Generator[tuple[Candidate, Costs | str], None, None]:
    """Yield candidates as they are costed, with their costs or the reason why they have none.

    A process that dies (killed for its memory, say) costs its candidate alone; another one takes
    its place.

    Args:
        candidates: of callable families.
        table: of the costs of parts that are known; it comes to know those that are traced.
        allow: modules of the user's own that the callables may be from.
        executor: where they are; as many at a time as there is room for.
    """
    waiting = iter(candidates)
    known = tuple(texts_of(table).values())
    declared = tuple(cost for cost in COSTS.values() if cost.is_declared)
    pool: TaskPool[Candidate, _Found] = executor.pool(
        _coster,
        table.conditions,
        table.numbers,
        allow,
        known,
        declared,
        what="to build models in",
        loads=(FIRST_DISPATCH,),
        path=directories_of(allow),
    )
    with pool:
        for candidate, found in pool.run(lambda: next(waiting, None)):
            if isinstance(found, Ended):
                yield candidate, f"the process that built it {found.reason}"
                continue
            costs, texts = found
            remember(table, texts, is_stored=False)
            yield candidate, costs


_Found = tuple[Costs | str, list[str]]
"""The costs of a candidate or why it has none, and those of its parts that were traced."""


def _coster(
    place: TaskPlace,
    conditions: Conditions,
    numbers: BlockNumbers | None,
    allow: tuple[str, ...],
    known: tuple[str, ...],
    declared: tuple[Cost, ...],
) -> Callable[[Candidate, Tell], _Found]:
    """Return what costs candidates in a process of its own."""
    import torch

    torch.set_num_threads(1)
    COSTS.update({cost.name: cost for cost in declared})
    table = BlockTable(conditions, numbers)
    remember(table, known)

    def costed(candidate: Candidate, tell: Tell) -> _Found:
        try:
            check_trusted(candidate, allow)
            found: Costs | str = tracing.cost_callable(
                candidate, conditions, table.cost_parts, numbers
            )
        except DseError as error:
            found = str(error)
        texts = list(traced(table).values())
        remember(table, texts)
        return found, texts

    return costed


def can_use_processes() -> bool:
    """Return whether another process can work out what is declared in this one.

    A cost that a notebook or a function declares exists in this process alone.
    """
    for name in declared_costs():
        function = COSTS[name].value
        module = sys.modules.get(getattr(function, "__module__", ""))
        if module is None or module.__name__ == "__main__":
            return False
        if getattr(module, getattr(function, "__qualname__", ""), None) is not function:
            return False
    return True
