"""A thread that shows that this process is alive, while it works for a study."""

from __future__ import annotations

import threading
import time

from dse.errors import DseError
from dse.store import StoredTrial, StudyWorker

SIGNS_A_LEASE = 4
"""How often a process shows that it is alive, within the time after which it would be given up."""


class LeaseKeeper:
    """Shows now and then that a process is alive, and which of its evaluations have begun."""

    def __init__(self, worker: StudyWorker) -> None:
        self._worker = worker
        self._begun: dict[int, tuple[StoredTrial, str]] = {}
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._error: DseError | None = None
        self._thread = threading.Thread(target=self._show, daemon=True, name="dse signs of life")

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_error: object) -> None:
        self._over.set()
        self._thread.join()

    def begun(self, claim: StoredTrial, moment: str) -> None:
        """Note that an evaluation has begun; the store is told with the next sign."""
        with self._lock:
            self._begun[claim.id] = claim, moment

    def check(self) -> None:
        """Raise what went wrong meanwhile.

        Raises:
            DseError: where the store could not be written.
        """
        if self._error is not None:
            raise self._error

    def _show(self) -> None:
        # What takes no longer than a moment has ended before anybody could ask.
        pause = min(1.0, self._worker.lease / SIGNS_A_LEASE)
        shown = time.monotonic()
        while not self._over.wait(pause):
            with self._lock:
                begun, self._begun = list(self._begun.values()), {}
            try:
                for claim, moment in begun:
                    self._worker.begin(claim, moment)
                if time.monotonic() - shown >= self._worker.lease / SIGNS_A_LEASE - pause:
                    self._worker.renew()
                    shown = time.monotonic()
            except DseError as error:
                self._error = error
                return
