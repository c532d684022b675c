"""A store of a few hundred generated candidates of three families, in a real file."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy
import pytest
from sqlalchemy import Engine, select, update

from dse.costs.cost_conditions import Conditions
from dse.costs.cost_list import Costs
from dse.store import (
    CandidateRow,
    insert_candidates,
    open_for_reading,
    open_store,
    register_family,
    start_run,
)
from dse.store.layout.shared_settings import MOST_PARTS, SharedSettings, as_stored
from dse.store.opening.database import writing
from dse.store.schema import candidate
from tests.store.recording import record_measurement
from tests.store.server import postgres_server


def costs_of(seed: int) -> Costs:
    draw = random.Random(seed)
    params = draw.randint(10_000, 20_000_000)
    macs = draw.randint(1_000_000, 2_000_000_000)
    inference = (4 * params, macs // 5, macs // 3, macs // 4, 5 * params)
    training = (None, None) if seed % 5 == 0 else (macs // 4, 12 * params)
    return Costs(params, params, macs, 2 * macs, macs // 30, *inference, *training)


def example_rows() -> list[CandidateRow]:
    draw = random.Random(0)
    rows = []
    for number in range(300):
        family = draw.choice(["mobilenet_v2", "resnet", "my-net"])
        settings = {
            "mobilenet_v2": {
                "width": draw.choice([0.35, 0.5, 0.75, 1.0, 1.4]),
                "resolution": draw.choice([96, 128, 160, 192, 224]),
            },
            "resnet": {
                "width": draw.choice([0.5, 1, 2]),
                "depth": draw.randint(1, 5),
                "stem": draw.choice(["deep", "plain", "it's"]),
            },
            # Here the stem is a number, and there is an axis named like a column of the store.
            "my-net": {"stem": draw.randint(1, 9), "se": draw.random() < 0.5, "batch": 7},
        }[family]
        invalid = "groups do not divide channels" if draw.random() < 0.1 else None
        costs = None if invalid else costs_of(number)
        key = draw.getrandbits(63)
        rows.append(CandidateRow(key, family, Conditions(), settings, costs, invalid))
    return rows


@pytest.fixture(scope="session")
def new_database() -> Iterator[Callable[[], str]]:
    """Makes databases on a PostgreSQL server, and returns their URLs."""
    with postgres_server() as new:
        yield new


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where a new store can be made, on each kind of database."""
    if request.param == "sqlite":
        return str(tmp_path / "new.db")
    url: str = request.getfixturevalue("new_database")()
    return url


@pytest.fixture(scope="session")
def example_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store that tests only read."""
    path = tmp_path_factory.mktemp("store") / "example.db"
    fill_example(str(path))
    return path


def fill_example(url: str) -> None:
    """Make a store with the rows of the example."""
    engine = open_store(url)
    run = start_run(engine, "dse sweep", {"seed": 0}, {"dse": "0.1.0"})
    register_family(engine, "mobilenet_v2", {"width": "number", "resolution": "number"})
    register_family(engine, "resnet", {"width": "number", "depth": "number", "stem": "text"})
    register_family(engine, "my-net", {"stem": "number", "se": "boolean", "batch": "number"})
    insert_candidates(engine, run, example_rows())
    share_settings(engine)
    draw = random.Random(1)
    for id in range(1, 301, 3):
        record_measurement(engine, id, "accuracy", draw.random(), {"seed": 0}, run)
    for id in range(1, 301, 6):
        record_measurement(engine, id, "accuracy", draw.random(), {"seed": 1}, run)
    for id in range(1, 301, 12):
        record_measurement(engine, id, "accuracy", None, {"seed": 2}, run, error="diverged")
    record_measurement(engine, 5, "top-1 error", 0.25, {}, run)
    engine.dispose()


def share_settings(engine: Engine) -> None:
    """Store the settings of every other candidate as parts: no answer may tell the difference."""
    parts: list[str] = []
    with writing(engine) as connection:
        query = select(candidate.c.id, candidate.c.settings).where(candidate.c.id % 2 == 0)
        for id, settings in connection.execute(query).all():
            members = [json.dumps({name: value})[1:-1] for name, value in settings.items()]
            places = numpy.zeros((1, MOST_PARTS), dtype=numpy.int64)
            for place, member in enumerate(members):
                parts += [] if member in parts else [member]
                places[0, place] = parts.index(member) + 1
            (stored,) = as_stored(connection, SharedSettings(parts, places))[0:1]
            assert isinstance(stored, int)
            change = update(candidate).where(candidate.c.id == id)
            connection.execute(change.values(settings=stored))


@pytest.fixture
def example(example_file: Path) -> Iterator[Engine]:
    engine = open_for_reading(str(example_file))
    yield engine
    engine.dispose()


@pytest.fixture
def empty(store_url: str) -> Iterator[Engine]:
    """A new store, to be written."""
    engine = open_store(store_url)
    yield engine
    engine.dispose()
