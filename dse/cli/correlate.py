"""`dse correlate`: do costs tell what was measured?"""

from __future__ import annotations

from typing import Annotated

import typer

from dse.cli.common_options import DEFAULT_STORE, Output, Store
from dse.cli.formats import OutputFormat
from dse.cli.query import print_answer


def correlate(
    columns: Annotated[list[str], typer.Argument(help="Two or more costs, axes, measurements.")],
    where: Annotated[str | None, typer.Option(help="Which candidates: 'macs < 300M'.")] = None,
    output: Output = OutputFormat.table,
    store: Store = DEFAULT_STORE,
) -> None:
    """Show Spearman's and Kendall's rank correlation of each pair of numbers, and of how many.

    Only candidates that have both numbers count. Kendall's is τ-b, which allows for ties.

    Example: dse correlate latency_ms macs params activations
    """
    from dse.project import correlated

    print_answer(correlated(store, columns, where), output, keep=True)
