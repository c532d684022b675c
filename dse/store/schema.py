"""The tables of the store, and the version of their layout.

Users and their tools read the views of `dse.store.layout.views`; what is behind them may change.

A network is known by its family and key, whatever its costs were worked out for. What was measured
belongs to the network; what it costs stands in a row for each scope: conditions and code.

The widest and least asked-for column of a candidate, its settings, comes last, so that a scan over
costs does not have to read it. There is deliberately no index on the costs: a scan of a million
candidates takes 0.2 s, and each index on a cost would halve the rate at which a sweep can insert.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from dse.costs import COST_NAMES

SCHEMA_VERSION = 6

metadata = MetaData()

# SQLite numbers rows by itself only in a column of exactly the type INTEGER.
_RowId = BigInteger().with_variant(Integer, "sqlite")

# Alembic writes this table, as it writes `alembic_version` elsewhere: a name that is Optuna's.
dse_schema = Table("dse_schema", metadata, Column("version_num", String(32), primary_key=True))

run = Table(
    "run",
    metadata,
    Column("id", _RowId, primary_key=True),
    Column("command", Text, nullable=False),
    Column("config", JSON, nullable=False),
    Column("versions", JSON, nullable=False),
    Column("started", Text, nullable=False),
    Column("finished", Text),
    Column("outcome", Text, nullable=False),
    Column("error", Text),
    Column("done", BigInteger),
    Column("total", BigInteger),
    Column("host", Text),
    Column("process", Integer),
    Column("directory", Text),
    Column("git_commit", Text),
    Column("git_dirty", Boolean),
)

family = Table(
    "family",
    metadata,
    Column("name", Text, primary_key=True),
    Column("axes", JSON, nullable=False),
)

code = Table(
    "code",
    metadata,
    Column("id", _RowId, primary_key=True),
    Column("fingerprint", Text, nullable=False, unique=True),
    # Versions of libraries and names of modules, as `dse.code.fingerprints.Code` has them.
    Column("content", JSON, nullable=False),
)
"""The code that made costs."""

scope = Table(
    "scope",
    metadata,
    Column("id", _RowId, primary_key=True),
    # What the other columns hash to, the conditions at their defaults left out.
    Column("digest", BigInteger, nullable=False, unique=True),
    Column("family", Text, nullable=False),
    Column("conditions", JSON, nullable=False),
    Column("code_id", ForeignKey("code.id"), nullable=False),
)
"""What the costs of a candidate are for, and what made them."""

candidate = Table(
    "stored_candidate",
    metadata,
    Column("id", _RowId, primary_key=True),
    Column("scope_id", ForeignKey("scope.id"), nullable=False),
    Column("key", BigInteger, nullable=False),
    Column("invalid", Text),
    *(Column(cost, BigInteger) for cost in COST_NAMES),
    Column("run_id", ForeignKey("run.id"), nullable=False),
    # An object, or a number that stands for the parts that it is made of.
    Column("settings", JSON, nullable=False),
)

candidate_identity = Index("candidate_identity", candidate.c.key, candidate.c.scope_id, unique=True)
"""A candidate is stored once for each scope.

The key comes first, as with the scope first SQLite would answer questions about one family through
this index, row by row.
"""

settings_part = Table(
    "settings_part",
    metadata,
    Column("id", _RowId, primary_key=True),
    # What the text hashes to.
    Column("digest", BigInteger, nullable=False, unique=True),
    Column("text", Text, nullable=False),
)
"""Members of settings that many candidates share."""

context = Table(
    "context",
    metadata,
    Column("id", _RowId, primary_key=True),
    # What content and code hash to, and what content alone does.
    Column("digest", BigInteger, nullable=False, unique=True),
    Column("meaning", BigInteger, nullable=False, index=True),
    Column("content", JSON, nullable=False),
    # A fingerprint of the objective's code, and the packages in which that was followed.
    Column("code", Text),
    Column("within", JSON, nullable=False),
)
"""What produced measurements, but for the network, its training settings and the seed."""

source = Table(
    "source",
    metadata,
    Column("id", _RowId, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
)
"""Where measurements come from: the name of an imported table, or the path of an objective."""

measurement = Table(
    "replicate",
    metadata,
    Column("id", _RowId, primary_key=True),
    Column("family", Text, nullable=False),
    Column("key", BigInteger, nullable=False),
    # Settings that do not shape the network, such as a learning rate; as canonical JSON.
    Column("training", Text, nullable=False),
    Column("what", Text, nullable=False),
    Column("context_id", ForeignKey("context.id"), nullable=False),
    Column("source_id", ForeignKey("source.id"), nullable=False),
    # What tells the replicates of one source apart: the seed, or a number.
    Column("label", Text, nullable=False),
    Column("seed", BigInteger),
    Column("value", Double),
    Column("outcome", Text, nullable=False),
    Column("error", Text),
    Column("seconds", Double),
    Column("run_id", ForeignKey("run.id"), nullable=False),
    Column("created", Text, nullable=False),
    UniqueConstraint("key", "what", "context_id", "source_id", "label", "training", "family"),
    Index("replicate_what_value", "what", "value"),
)
"""Numbers that came from running a network, each run of one thing a row, or the error in place."""

study = Table(
    "study",
    metadata,
    Column("id", _RowId, primary_key=True),
    # What the space, the budget, the objective with its code and the sampler hash to.
    Column("digest", BigInteger, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("family", Text, nullable=False),
    Column("content", JSON, nullable=False),
    # The keys of the networks that other runs had measured when it began.
    Column("known", JSON, nullable=False),
    # How many trials it is to have; whoever asks for more raises it.
    Column("trials", BigInteger, nullable=False),
    # Counts the transactions that changed a trial, and so puts them in an order.
    Column("changes", BigInteger, nullable=False),
    Column("run_id", ForeignKey("run.id"), nullable=False),
    Column("created", Text, nullable=False),
)
"""A search that any number of processes share."""

worker = Table(
    "worker",
    metadata,
    Column("id", _RowId, primary_key=True),
    Column("study_id", ForeignKey("study.id"), nullable=False, index=True),
    Column("run_id", ForeignKey("run.id"), nullable=False),
    Column("host", Text, nullable=False),
    # Where the number of the process means something: a machine since it started, or a container.
    Column("machine", Text, nullable=False),
    Column("process", Integer, nullable=False),
    Column("joined", Text, nullable=False),
    # The moment, by the clock of the database, until which it counts as alive.
    Column("expires", Text, nullable=False),
    Column("left", Text),
)
"""A process that takes part in a study."""

trial = Table(
    "trial",
    metadata,
    Column("id", _RowId, primary_key=True),
    Column("study_id", ForeignKey("study.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("key", BigInteger, nullable=False),
    Column("training", Text, nullable=False),
    # waiting, claimed, running, done, failed or pruned.
    Column("state", Text, nullable=False),
    # Which attempt this is, and up to which one it is tried again.
    Column("attempt", Integer, nullable=False),
    Column("attempts", Integer, nullable=False),
    # Who holds it, or held it last, and on which device.
    Column("worker_id", ForeignKey("worker.id"), nullable=False),
    Column("device", Text),
    Column("claimed", Text, nullable=False),
    Column("started", Text),
    Column("finished", Text),
    # The change that this row was written by, and the one by which it ended.
    Column("changed", BigInteger, nullable=False),
    Column("ended", BigInteger),
    # What was known when it was proposed, and what the sampler and the pruner noted.
    Column("seen", JSON, nullable=False),
    Column("notes", JSON, nullable=False),
    # What came of each replicate, and why there is nothing where it failed.
    Column("outcomes", JSON),
    Column("error", Text),
    UniqueConstraint("study_id", "number"),
    UniqueConstraint("study_id", "key", "training"),
    Index("trial_changed", "study_id", "changed"),
)
"""A candidate that a study evaluates."""

report = Table(
    "report",
    metadata,
    Column("trial_id", ForeignKey("trial.id"), primary_key=True),
    Column("attempt", Integer, primary_key=True, autoincrement=False),
    Column("step", Integer, primary_key=True, autoincrement=False),
    Column("value", Double, nullable=False),
    Column("created", Text, nullable=False),
)
"""What an evaluation reported, step by step."""

cost = Table(
    "cost",
    metadata,
    Column("name", Text, primary_key=True),
    Column("unit", Text, nullable=False),
    Column("meaning", Text, nullable=False),
    # sum, peak, step or derived.
    Column("law", Text, nullable=False),
    Column("formula", Text),
    Column("fingerprint", Text),
)
"""The declarations of costs beside those that every candidate has a column for."""

cost_value = Table(
    "cost_value",
    metadata,
    Column("candidate_id", ForeignKey("stored_candidate.id"), primary_key=True),
    Column("cost", ForeignKey("cost.name"), primary_key=True),
    Column("value", BigInteger, nullable=False),
)

sweep = Table(
    "sweep",
    metadata,
    # What its space, conditions, budget and what it keeps hash to.
    Column("digest", BigInteger, primary_key=True, autoincrement=False),
    Column("family", Text, nullable=False),
    # Points of the grid that are done, from the first one on, and their number in all.
    Column("done", BigInteger, nullable=False),
    Column("total", BigInteger, nullable=False),
    Column("tallies", JSON, nullable=False),
    Column("run_id", ForeignKey("run.id"), nullable=False),
)
"""How far each sweep is, written with the rows of each step."""

block = Table(
    "block",
    metadata,
    # What the block, its input and all that its costs depend on hash to.
    Column("digest", BigInteger, primary_key=True, autoincrement=False),
    Column("context", BigInteger, nullable=False),
    Column("content", Text, nullable=False),
    Index("block_context", "context"),
)
"""What blocks cost that were traced once."""

block_cost = Table(
    "block_cost",
    metadata,
    # The block's digest and a cost's name; the context says what the number depends on.
    Column("block", BigInteger, primary_key=True, autoincrement=False),
    Column("name", Text, primary_key=True),
    Column("context_id", ForeignKey("context.id"), primary_key=True),
    Column("source_id", ForeignKey("source.id"), nullable=False),
    Column("value", BigInteger, nullable=False),
    Column("run_id", ForeignKey("run.id"), nullable=False),
    Column("created", Text, nullable=False),
)
"""Numbers that blocks have under a name, from a file or a measurement."""
