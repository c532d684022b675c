"""Costs by scope, measurements by network with their replicates, and a place for what comes.

Candidates keep their ids. What code made their costs was not noted, so they are of unknown code:
they stay, and are worked out again when they are asked for. The passwords of URLs are removed from
the runs.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

from dse.configs import without_passwords, without_passwords_in
from dse.store.canonical import canonical_json, hashed
from dse.store.migrations.columns import id_column, reference, text_column
from dse.store.migrations.versions.v1 import COSTS
from dse.store.migrations.versions.v2 import NEW_COSTS

revision = "3"
down_revision = "2"

UNKNOWN = "unknown"
CONDITIONS = {"batch": 1, "dtype": "float32", "precision": "full", "optimizer": "sgd-momentum"}
ALL_COSTS = (*COSTS, *NEW_COSTS)
# The order of the columns is that of the tables today.
COST_ORDER = (*ALL_COSTS[:7], "memory_read", "memory_written", "peak_memory", *NEW_COSTS[2:])
FEW = 1_000


def upgrade() -> None:
    """Lay candidates and measurements out anew, and make the further tables."""
    connection = op.get_bind()
    for name in sa.inspect(connection).get_view_names():
        if name.startswith("family_"):
            op.execute(f"DROP VIEW {connection.dialect.identifier_preparer.quote(name)}")
    # What was known of blocks and of sweeps that are under way was by unknown code as well.
    op.execute("DELETE FROM block")
    op.execute("DELETE FROM sweep")
    _make_tables()
    _make_further_tables()
    _move_candidates()
    _move_measurements()
    _remove_passwords()
    op.drop_table("measurement")
    op.drop_table("candidate")
    op.create_index("candidate_identity", "stored_candidate", ["key", "scope_id"], unique=True)


def _make_tables() -> None:
    op.create_table(
        "code",
        id_column(),
        text_column("fingerprint"),
        sa.Column("content", sa.JSON, nullable=False),
        sa.UniqueConstraint("fingerprint"),
    )
    op.create_table(
        "scope",
        id_column(),
        sa.Column("digest", sa.BigInteger, nullable=False, unique=True),
        text_column("family"),
        sa.Column("conditions", sa.JSON, nullable=False),
        reference("code_id", "code"),
    )
    op.create_table(
        "stored_candidate",
        id_column(),
        reference("scope_id", "scope"),
        sa.Column("key", sa.BigInteger, nullable=False),
        text_column("invalid", nullable=True),
        *(sa.Column(cost, sa.BigInteger) for cost in COST_ORDER),
        reference("run_id", "run"),
        sa.Column("settings", sa.JSON, nullable=False),
    )
    op.create_table(
        "context",
        id_column(),
        sa.Column("digest", sa.BigInteger, nullable=False, unique=True),
        sa.Column("meaning", sa.BigInteger, nullable=False),
        sa.Column("content", sa.JSON, nullable=False),
        text_column("code", nullable=True),
        sa.Column("within", sa.JSON, nullable=False),
    )
    op.create_index("ix_context_meaning", "context", ["meaning"])
    op.create_table("source", id_column(), sa.Column("name", sa.Text, nullable=False, unique=True))
    op.create_table(
        "replicate",
        id_column(),
        text_column("family"),
        sa.Column("key", sa.BigInteger, nullable=False),
        text_column("training"),
        text_column("what"),
        reference("context_id", "context"),
        reference("source_id", "source"),
        text_column("label"),
        sa.Column("seed", sa.BigInteger),
        sa.Column("value", sa.Double),
        text_column("outcome"),
        text_column("error", nullable=True),
        sa.Column("seconds", sa.Double),
        reference("run_id", "run"),
        text_column("created"),
        sa.UniqueConstraint(
            "key", "what", "context_id", "source_id", "label", "training", "family"
        ),
    )
    op.create_index("replicate_what_value", "replicate", ["what", "value"])


def _make_further_tables() -> None:
    op.create_table(
        "study",
        id_column(),
        sa.Column("digest", sa.BigInteger, nullable=False, unique=True),
        *map(text_column, ("name", "family")),
        sa.Column("content", sa.JSON, nullable=False),
        reference("run_id", "run"),
        text_column("created"),
    )
    op.create_table(
        "trial",
        id_column(),
        reference("study_id", "study"),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("key", sa.BigInteger, nullable=False),
        text_column("training"),
        sa.Column("attempt", sa.Integer, nullable=False),
        text_column("state"),
        text_column("host", nullable=True),
        sa.Column("process", sa.Integer),
        reference("run_id", "run"),
        *(
            text_column(name, nullable=True)
            for name in ("claimed", "heartbeat", "started", "finished")
        ),
        sa.Column("seen", sa.JSON),
        sa.Column("numbers", sa.JSON),
        text_column("error", nullable=True),
        sa.UniqueConstraint("study_id", "number"),
    )
    op.create_table(
        "report",
        reference("trial_id", "trial", primary_key=True),
        sa.Column("attempt", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("step", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("value", sa.Double, nullable=False),
        text_column("created"),
    )
    op.create_table(
        "cost",
        sa.Column("name", sa.Text, primary_key=True),
        *map(text_column, ("unit", "meaning", "law")),
        *(text_column(name, nullable=True) for name in ("formula", "fingerprint")),
    )
    op.create_table(
        "cost_value",
        reference("candidate_id", "stored_candidate", primary_key=True),
        sa.Column("cost", sa.Text, sa.ForeignKey("cost.name"), primary_key=True),
        sa.Column("value", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "block_cost",
        sa.Column("block", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("name", sa.Text, primary_key=True),
        reference("context_id", "context", primary_key=True),
        reference("source_id", "source"),
        sa.Column("value", sa.BigInteger, nullable=False),
        reference("run_id", "run"),
        text_column("created"),
    )


def _table(name: str, *columns: str, json_columns: tuple[str, ...] = ()) -> sa.TableClause:
    typed = (sa.column(c, sa.JSON) if c in json_columns else sa.column(c) for c in columns)
    return sa.table(name, *typed)


def _move_candidates() -> None:
    connection = op.get_bind()
    code = _table("code", "id", "fingerprint", "content", json_columns=("content",))
    scope = _table(
        *("scope", "id", "digest", "family", "conditions", "code_id"), json_columns=("conditions",)
    )
    connection.execute(sa.insert(code).values(id=1, fingerprint=UNKNOWN, content={}))
    of = ("family", *CONDITIONS)
    old = _table("candidate", *of)
    distinct = connection.execute(sa.select(*(old.c[name] for name in of)).distinct()).all()
    kept = ", ".join(("id", '"key"', "invalid", *COST_ORDER, "run_id", "settings"))
    for number, row in enumerate(sorted(tuple(row) for row in distinct), start=1):
        values = dict(zip(of, row, strict=True))
        stated = {name: values[name] for name, usual in CONDITIONS.items() if values[name] != usual}
        digest = hashed([values["family"], canonical_json(stated), UNKNOWN])
        content = {"digest": digest, "family": values["family"], "conditions": stated}
        connection.execute(sa.insert(scope).values(id=number, code_id=1, **content))
        where = " AND ".join(f"{name} = :{name}" for name in of)
        connection.execute(
            sa.text(
                f"INSERT INTO stored_candidate (scope_id, {kept}) "
                f"SELECT {number}, {kept} FROM candidate WHERE {where}"
            ),
            values,
        )
    _continue_ids("code", "scope", "stored_candidate")


def _move_measurements() -> None:
    contexts: dict[int, dict[str, Any]] = {}
    sources: dict[str, int] = {}
    labels: Counter[tuple[Any, ...]] = Counter()
    replicates: list[dict[str, Any]] = []
    for row in _old_measurements():
        content = json.loads(row["context"])
        name, seed, code = _origin(content)
        digest = hashed([canonical_json(content), code or ""])
        made = {
            "id": len(contexts) + 1,
            "digest": digest,
            "meaning": hashed([canonical_json(content)]),
        }
        context = contexts.setdefault(
            digest, made | {"content": content, "code": code, "within": []}
        )
        source = sources.setdefault(name, len(sources) + 1)
        label = "1" if seed is None else f"seed {seed}"
        place = (row["family"], row["key"], row["what"], context["id"], source, label)
        labels[place] += 1
        # Of one network under two conditions there may be two of the same name.
        further = f", {labels[place]}" if labels[place] > 1 else ""
        named = ("id", "family", "key", "what", "value", "error", "seconds", "run_id", "created")
        is_pruned = str(row["error"]).startswith("pruned")
        replicates.append(
            {key: row[key] for key in named}
            | {"training": "{}", "context_id": context["id"], "source_id": source, "seed": seed}
            | {"label": label + further, "outcome": "pruned" if is_pruned else row["outcome"]}
        )
    json_columns = ("content", "within")
    columns = ("id", "digest", "meaning", "content", "code", "within")
    _insert(_table("context", *columns, json_columns=json_columns), list(contexts.values()))
    _insert(_table("source", "id", "name"), [{"id": i, "name": n} for n, i in sources.items()])
    _insert(_table("replicate", *(replicates[0] if replicates else ("id",))), replicates)
    _continue_ids("context", "source", "replicate")


def _old_measurements() -> Iterator[dict[str, Any]]:
    columns = "what, value, context, outcome, error, seconds, m.run_id, created"
    query = (
        f'SELECT m.id, family, "key", {columns} FROM measurement m '
        "JOIN candidate c ON c.id = m.candidate_id ORDER BY m.id"
    )
    for row in op.get_bind().execute(sa.text(query)):
        yield dict(row._mapping)


def _origin(content: dict[str, Any]) -> tuple[str, int | None, str | None]:
    """Return the source, the seed and the code of a context, which is left with the rest."""
    seed = content.pop("seed", None)
    seed = seed if isinstance(seed, int) and not isinstance(seed, bool) else None
    if "target" in content:
        return str(content["target"]), seed, UNKNOWN
    return str(content.pop("file", "unknown")), seed, None


def _insert(table: sa.TableClause, rows: list[dict[str, Any]]) -> None:
    for start in range(0, len(rows), FEW):
        op.get_bind().execute(sa.insert(table), rows[start : start + FEW])


def _continue_ids(*tables: str) -> None:
    """Let a server number further rows behind those that came with their ids."""
    if op.get_context().dialect.name != "postgresql":
        return
    for table in tables:
        op.execute(
            f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), "
            f"(SELECT coalesce(max(id), 0) + 1 FROM {table}), false)"
        )


def _remove_passwords() -> None:
    connection = op.get_bind()
    run = _table("run", "id", "command", "config", "error", json_columns=("config",))
    for row in connection.execute(sa.select(run)).all():
        values = {
            "command": without_passwords(row.command),
            "config": without_passwords_in(row.config),
            "error": row.error and without_passwords(row.error),
        }
        if any(values[name] != getattr(row, name) for name in values):
            connection.execute(sa.update(run).where(run.c.id == row.id).values(values))
