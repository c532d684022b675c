"""Objectives for studies of several processes: they sleep, and note what they evaluate."""

import os
import time


def score(candidate):
    """Take as long as the settings say, and note the settings, the process and the moment."""
    width, depth = candidate.settings["width"], candidate.settings["depth"]
    started = time.time()
    time.sleep((width * 7 + depth * 13) % 10 / 50)
    noted = f"{width} {depth} {os.getpid()} {started} {time.time()}\n"
    with open(os.environ["DSE_EVALUATED"], "a") as file:
        file.write(noted)
    return width - 3 * depth


def long(candidate):
    """Take from 0.1 s to 10 s, and note it as `score` does."""
    width, depth = candidate.settings["width"], candidate.settings["depth"]
    started = time.time()
    time.sleep(0.1 * 100 ** ((width * 7 + depth * 13) % 11 / 10))
    with open(os.environ["DSE_EVALUATED"], "a") as file:
        file.write(f"{width} {depth} {os.getpid()} {started} {time.time()}\n")
    return width - 3 * depth


def instant(candidate):
    """Return a number at once."""
    return candidate.settings["width"]


def several(candidate):
    """Return more than the one number that is asked for."""
    return {"several": candidate.settings["width"], "delay_ms": 10 * candidate.settings["depth"]}


def moment(candidate, seed):
    """Return a number that no other evaluation returns."""
    time.sleep(0.3)
    return time.time() + seed
