"""A search as an Optuna study in a storage, for optuna-dashboard and other tools of Optuna."""

from __future__ import annotations

import optuna
from optuna.trial import TrialState
from sqlalchemy.exc import SQLAlchemyError

from dse.costs import Costs
from dse.errors import DseError
from dse.passwords import without_passwords
from dse.search.proposals import value_distributions
from dse.search.searching import Evaluated, SearchResult

KEY = "key"
"""The attribute of a trial that holds its candidate's key."""


def write_study(result: SearchResult, url: str, name: str) -> int:
    """Write the evaluations of a search into an Optuna storage and return how many are new.

    A study of the name is added to: a candidate that it holds is left as it is. Costs, ids and
    everything measured are attributes of the trials.

    Args:
        result: of the search.
        url: of the storage, such as `sqlite:///optuna.db`.
        name: of the study.

    Raises:
        DseError: for a storage that cannot be opened, or a study of other goals.
    """
    directions = [goal.direction for goal in result.objective.goals]
    named = without_passwords(url)
    try:
        study = optuna.create_study(
            storage=url, study_name=name, directions=directions, load_if_exists=True
        )
    except (SQLAlchemyError, ImportError, ValueError) as error:
        raise DseError(f"to_optuna: cannot open {named!r}: {str(error).splitlines()[0]}") from error
    if [direction.name.lower() for direction in study.directions] != directions:
        raise DseError(f"to_optuna: study {name!r} in {named} has other goals")
    if len(directions) > 1:
        study.set_metric_names([goal.name for goal in result.objective.goals])
    held = {trial.user_attrs.get(KEY) for trial in study.get_trials(deepcopy=False)}
    distributions = value_distributions(result.pool)
    new = [e for e in (*result.warm, *result.evaluations) if str(e.point.key) not in held]
    study.add_trials([_trial(e, distributions) for e in new])
    return len(new)


def _trial(
    evaluated: Evaluated, distributions: dict[str, optuna.distributions.BaseDistribution]
) -> optuna.trial.FrozenTrial:
    costs = evaluated.point.costs
    assert isinstance(costs, Costs)
    # A key is larger than the whole numbers that a browser holds.
    attributes = {KEY: str(evaluated.point.key), "id": evaluated.candidate_id}
    failed = TrialState.PRUNED if evaluated.is_pruned else TrialState.FAIL
    return optuna.trial.create_trial(
        state=failed if evaluated.values is None else TrialState.COMPLETE,
        values=evaluated.values,
        params={name: evaluated.point.settings[name] for name in distributions},
        distributions=distributions,
        constraints=dict(evaluated.violations),
        user_attrs={
            **attributes,
            **costs.as_dict(),
            **evaluated.numbers,
            **({"error": evaluated.error} if evaluated.error else {}),
        },
    )
