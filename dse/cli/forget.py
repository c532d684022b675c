"""`dse forget`: what was measured is removed, so that it is evaluated or imported anew."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from dse.cli.common_options import DEFAULT_STORE, Store
from dse.cli.printing import note
from dse.cli.query import Condition
from dse.errors import DseError


def forget(
    measurement: Annotated[str, typer.Option(help="What was measured, such as accuracy.")],
    condition: Condition = None,
    outcome: Annotated[
        Literal["failed", "pruned", "done"] | None,
        typer.Option(help="Only the evaluations that came out like this."),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    store: Store = DEFAULT_STORE,
) -> None:
    """Remove measurements of the candidates that meet a condition, after asking.

    The candidates and their costs stay. A search evaluates again what it needs.

    Example: dse forget "width < 1" --measurement accuracy --outcome failed
    """
    from dse.language import numbered
    from dse.project import forgettable

    found = forgettable(store, measurement, condition, outcome)
    for line in found.notes:
        note(line)
    if not found.number:
        print(f"nothing of {measurement!r} was measured there")
        return
    said = f"{numbered(found.number, 'measurement')} of {measurement!r}"
    if not yes and not _agreed(f"forget {said}?"):
        raise DseError(f"nothing is forgotten; {said} are kept (--yes forgets without asking)")
    found.forget()
    print(f"forgot {said}")


def _agreed(question: str) -> bool:
    try:
        return typer.confirm(question)
    except typer.Abort:
        # There is nobody to answer.
        return False
