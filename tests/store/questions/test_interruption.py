"""Ctrl-C ends a statement that would run for ever, on each kind of database."""

from __future__ import annotations

import signal
import subprocess
import sys

from dse.store import open_store

ENDLESS = {
    "sqlite": "with recursive t(n) as (select 1 union select n + 1 from t) select count(*) from t",
    "postgresql": "select count(*) from generate_series(1, 1000000000000) as t(n)",
}
SCRIPT = """
import sys, threading
import dse.store.questions.statements
from dse.cli.main import main
threading.Timer(0.5, print, ["runs"], {"flush": True}).start()
main(["query", "--sql", sys.argv[1], "--store", sys.argv[2]])
"""


def test_an_interruption_ends_an_endless_statement(store_url: str) -> None:
    engine = open_store(store_url)
    statement = ENDLESS[engine.dialect.name]
    engine.dispose()
    command = [sys.executable, "-c", SCRIPT, statement, store_url]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"runs\n"
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 130, errors
    assert errors == b"error: interrupted; run the same command again to continue\n"
