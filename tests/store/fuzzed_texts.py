"""Mutations of what the store may be asked: conditions, lists of columns, statements."""

import random

from tests.fuzzed_words import mutated_line

CONDITIONS = (
    "macs < 300M and width >= 1",
    "280M <= macs <= 300M and family like 'mobile%'",
    "macs / params > 50 and accuracy is not null",
    "not (width in (0.5, 1.0) or depth = 3)",
    "stem = 'deep' and se = true",
    "`top-1 error` < 0.3",
    "peak_memory <= 64MiB",
    "invalid is not null",
    "-macs + 2 * params > -1e3",
    "key = 4611686018427387904",
)
_LISTS = (
    ("--sort", "-accuracy,macs / params"),
    ("--columns", "id,width,macs / params"),
    ("--columns", "`top-1 error`,family,batch"),
    ("--group-by", "depth,family", "--columns", "count,mean(macs),max(accuracy)"),
    ("--limit", "3"),
    ("--format", "json"),
)
_OTHERS = (
    ("query", "--sql", "select family, count(*) from candidate group by family"),
    ("query", "--sql", "select * from measurement where value > 0.5 limit 3"),
    ("pareto", "--min", "macs", "--max", "accuracy", "--where", "width > 1"),
    ("correlate", "macs", "params", "accuracy", "--where", "width > 1"),
)
BASES = [("query", condition, *more) for condition in CONDITIONS for more in ((), *_LISTS)]
BASES += _OTHERS


def mutated_question(draw: random.Random) -> list[str]:
    """Return the words of a command that asks the store at `outputs/dse.db`."""
    return mutated_line(draw, BASES)
