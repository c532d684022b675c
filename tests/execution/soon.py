"""Waits for what other processes do."""

import time


def soon(holds) -> bool:
    """Return whether something comes to hold."""
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        if holds():
            return True
        time.sleep(0.05)
    return bool(holds())
