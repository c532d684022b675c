"""Costs callable candidates in parallel processes, none of which can take the others down."""

from __future__ import annotations

import os
import sys
from collections.abc import Generator, Iterable
from multiprocessing.connection import Connection, wait

import torch

from dse.cost_conditions import Conditions
from dse.costs import COSTS, Cost, Costs, declared_costs
from dse.errors import DseError
from dse.execution import GONE, ChildProcess, start_child
from dse.space.blocks import find_block
from dse.space.candidate import Candidate
from dse.space.costing.callables import cost_callable
from dse.space.costing.memo import BlockTable
from dse.space.costing.remembered import remember, texts_of, traced


def cost_in_processes(
    candidates: Iterable[Candidate],
    table: BlockTable,
    allow: tuple[str, ...] = (),
    workers: int | None = None,
) -> Generator[tuple[Candidate, Costs | str], None, None]:
    """Yield candidates as they are costed, with their costs or the reason why they have none.

    A process that dies (killed for its memory, say) costs its candidate alone; another one takes
    its place.

    Args:
        candidates: of callable families.
        table: of the costs of parts that are known; it comes to know those that are traced.
        allow: modules of the user's own that the callables may be from.
        workers: how many processes; None for one a processor.
    """
    waiting = iter(candidates)
    running: dict[Connection, tuple[ChildProcess, Candidate]] = {}
    idle: list[ChildProcess] = []
    started: list[ChildProcess] = []
    most = workers or os.cpu_count() or 1
    try:
        while True:
            while len(running) < most and (candidate := next(waiting, None)) is not None:
                if not idle:
                    started.append(_start(table, allow))
                    idle.append(started[-1])
                worker = idle.pop()
                worker.connection.send(candidate)
                running[worker.connection] = (worker, candidate)
            if not running:
                return
            for connection in wait(list(running)):
                assert isinstance(connection, Connection)
                worker, candidate = running.pop(connection)
                try:
                    found, texts = connection.recv()
                    remember(table, texts, is_stored=False)
                    idle.append(worker)
                except GONE:
                    found = f"the process that built it {worker.end()}"
                    started.remove(worker)
                yield candidate, found
    finally:
        for worker in started:
            worker.kill()


def _start(table: BlockTable, allow: tuple[str, ...]) -> ChildProcess:
    known = tuple(texts_of(table).values())
    declared = tuple(COSTS[name] for name in declared_costs())
    child = start_child(_serve, table.conditions, allow, known, declared)
    child.await_ready("to build models in")
    return child


def _serve(
    connection: Connection,
    conditions: Conditions,
    allow: tuple[str, ...],
    known: tuple[str, ...],
    declared: tuple[Cost, ...],
) -> None:
    """Cost what comes along the connection, until that ends."""
    torch.set_num_threads(1)
    COSTS.update({cost.name: cost for cost in declared})
    table = BlockTable(conditions)
    remember(table, known)
    connection.send("ready")
    while True:
        try:
            candidate: Candidate = connection.recv()
            found = _costed(candidate, table, allow)
            texts = traced(table)
            connection.send((found, list(texts.values())))
            remember(table, texts.values())
        except GONE:
            return


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


def _costed(candidate: Candidate, table: BlockTable, allow: tuple[str, ...]) -> Costs | str:
    try:
        find_block(candidate.blocks[0].block, candidate.family, allow)
        return cost_callable(candidate, table.conditions, table.cost_parts)
    except DseError as error:
        return str(error)
