"""A process that takes part in a study: `python -m tests.store.study_worker URL STUDY ...`.

It claims the numbers from 1 on as networks, takes some time for each and says what it stored.
"""

from __future__ import annotations

import sys
import time

from dse.store import Ending, Replicate, join_study, open_store, put_replicates, start_run
from dse.store.layout.contexts import Context
from dse.store.measurements.measurement_rows import NO_TRAINING, made_place
from dse.store.studies.study_rows import changed_trials

OF = Context({"objective": "sleep"})


def work(url: str, study: int, networks: int, seconds: float, lease: float) -> None:
    """Evaluate networks until the study has ended."""
    engine = open_store(url)
    run = start_run(engine, "study worker", {}, {})
    worker, place = join_study(engine, study, run, lease), made_place(engine, OF, "sleep")
    print("ready", flush=True)
    key = 0
    while True:
        worker.renew()
        claim = worker.claim_left("cpu")
        while claim is None and key < networks:
            key += 1
            claim = worker.claim_new(key, NO_TRAINING, {}, {}, 50, "cpu", lambda connection: None)
        if claim is None:
            trials = changed_trials(engine, study, 0)[1]
            if len(trials) == networks and all(one.has_ended for one in trials):
                break
            time.sleep(0.02)
            continue
        print("claimed", claim.key, claim.attempt, flush=True)
        time.sleep(seconds)
        done = Replicate("f", claim.key, "score", float(claim.key))

        def store(connection, done=done):
            put_replicates(connection, run, [done], place)

        ending = Ending("done", [{"numbers": {"score": {"score": done.value}}}])
        kept = worker.end(claim, ending, store)
        print("stored" if kept else "refused", claim.key, claim.attempt, flush=True)
    worker.leave()


if __name__ == "__main__":
    url, study, networks, seconds, lease = sys.argv[1:]
    work(url, int(study), int(networks), float(seconds), float(lease))
