"""What replicates of a measurement come to: their number, mean, spread and ends, in SQL.

Of a network that was measured in several contexts (other options of an objective, other code, a
table) or with several training settings, the latest group counts.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Subquery,
    and_,
    func,
    select,
)

from dse.store.checked import text
from dse.store.sample_deviation import mean, sample_deviation
from dse.store.schema import candidate, measurement

FUNCTIONS = ("mean", "std", "count", "min", "max")
"""What can be asked of the replicates of a measurement; without a word it is their mean."""


def summary(*where: ColumnElement[bool], spread: bool = False) -> Subquery:
    """Return a row for each network and quantity of the measurements that were done.

    Its columns are family, key, what, context_id, and those of `FUNCTIONS`; `std` is the square
    root of the sample variance, and null for a single replicate.

    Args:
        where: which measurements.
        spread: whether `std` is among them, which costs as much as all others.
    """
    table = measurement.c
    network = (table.family, table.key, table.what)
    last = func.max(table.created).desc(), func.max(table.id).desc()
    groups = (
        select(
            *network,
            table.context_id,
            mean(table.value).label("mean"),
            *([sample_deviation(table.value).label("std")] if spread else []),
            func.count().label("count"),
            func.min(table.value).label("min"),
            func.max(table.value).label("max"),
            func.row_number().over(partition_by=network, order_by=last).label("place"),
        )
        .where(table.outcome == "done", *where)
        .group_by(*network, table.training, table.context_id)
        .subquery()
    )
    columns: list[Any] = [column for column in groups.c if column.name != "place"]
    return select(*columns).where(groups.c.place == 1).subquery()


def latest_mean(family: str, what: str) -> ColumnElement[Any]:
    """Return the mean that counts of a quantity, for each candidate of a family."""
    one, last, latest = measurement.alias(), measurement.alias(), measurement.alias()

    def is_of(table: Any) -> ColumnElement[bool]:
        network = table.c.key == candidate.c.key, table.c.family == family
        return and_(*network, table.c.what == what, table.c.outcome == "done")

    newest = (
        select(latest.c.id)
        .where(is_of(latest))
        .order_by(latest.c.created.desc(), latest.c.id.desc())
        .limit(1)
        .correlate(candidate)
        .scalar_subquery()
    )
    same = one.c.context_id == last.c.context_id, one.c.training == last.c.training
    values = select(mean(one.c.value)).select_from(one.join(last, and_(*same)))
    return values.where(last.c.id == newest, is_of(one)).correlate(candidate).scalar_subquery()


def means_of(connection: Connection, family: str, key: int) -> dict[str, float]:
    """Return the mean of each quantity that was measured of a network."""
    found = summary(measurement.c.family == family, measurement.c.key == key)
    rows = connection.execute(select(found.c.what, found.c.mean).order_by(found.c.what))
    return {text(row.what): row.mean for row in rows}
