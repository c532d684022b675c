"""One candidate is measured, here or in other processes; what came of it is judged and recorded."""

from typing import TYPE_CHECKING

from dse.lazy_exports import lazily, names_of

if TYPE_CHECKING:
    from dse.search.evaluations.evaluation import evaluate as evaluate
    from dse.search.evaluations.readiness import check_names as check_names
    from dse.search.evaluations.readiness import usable_device as usable_device
    from dse.search.evaluations.readiness import with_usable_devices as with_usable_devices
    from dse.search.evaluations.recording import Retry as Retry
    from dse.search.evaluations.recording import TrialRecorder as TrialRecorder
    from dse.search.evaluations.recording import pool_point as pool_point
    from dse.search.evaluations.verdict import TrialVerdict as TrialVerdict
    from dse.search.evaluations.verdict import verdict_of as verdict_of
    from dse.search.evaluations.workers import Attempt as Attempt
    from dse.search.evaluations.workers import Evaluator as Evaluator
    from dse.search.evaluations.workers import InProcesses as InProcesses
    from dse.search.evaluations.workers import InThisProcess as InThisProcess
    from dse.search.evaluations.workers import evaluators as evaluators

_HOMES = {
    "dse.search.evaluations.evaluation": ("evaluate",),
    "dse.search.evaluations.readiness": ("check_names", "usable_device", "with_usable_devices"),
    "dse.search.evaluations.recording": ("Retry", "TrialRecorder", "pool_point"),
    "dse.search.evaluations.verdict": ("TrialVerdict", "verdict_of"),
    "dse.search.evaluations.workers": (
        *("Attempt", "Evaluator", "InProcesses", "InThisProcess", "evaluators"),
    ),
}

__getattr__ = lazily(__name__, _HOMES)

__all__ = names_of(_HOMES)
