"""A store that somebody else may have written: texts in it are tags, scripts, links and escapes.

They are names, settings, measurements and errors.
"""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

from dse.store import open_store
from tests.cli.command import dse
from tests.store.recording import record_measurement

TAG = "<img src=x onerror=alert(1)>"
SCRIPT = "</script><script>alert(2)</script>"
LINK = '<a href="javascript:alert(3)">"x"</a>'
ESCAPES = "\x1b[31mred\x1b[0m\nnext"
GRID = ("grid.width=[8,16]", "grid.depth=[1,2]", "grid.resolution=8", "grid.norm=[none]")
SPACE = ("family=mlp", *GRID, "grid.activation=[relu,gelu]")


def written_over(path):
    """Put hostile texts where a store of somebody else may have them."""
    with sqlite3.connect(path) as connection:
        ids = [id for (id,) in connection.execute("select id from stored_candidate")]
        for id, text in zip(ids[1:], (TAG, SCRIPT, LINK, ESCAPES), strict=False):
            (settings,) = connection.execute(
                "select settings from stored_candidate where id = ?", (id,)
            ).fetchone()
            changed = json.dumps({**json.loads(settings), "activation": text})
            connection.execute(
                "update stored_candidate set settings = ? where id = ?", (changed, id)
            )
        (content,) = connection.execute("select content from study").fetchone()
        study = json.loads(content)
        study["goals"][0]["name"] = TAG
        connection.execute("update study set content = ?", (json.dumps(study),))
        connection.execute("update trial set error = ? where number = 0", (SCRIPT + ESCAPES,))
    return ids


def fill_hostile_store(directory: Path) -> None:
    """Make the store of a directory: a sweep and a study, of which texts are written over."""
    dse(directory, "sweep", *SPACE)
    words = ("objective=params", "exact=false", "trials=3", "sampler=random")
    dse(directory, "search", *SPACE, *words)
    path = directory / "outputs" / "dse.db"
    ids = written_over(path)
    engine = open_store(str(path))
    for id in ids:
        record_measurement(engine, id, TAG, float(id), {}, 1)
        record_measurement(engine, id, "error", (id * 7) % 5 + 1.0, {}, 1)
    engine.dispose()
