"""`dse search`: the best candidates under a budget."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dse.cli.composition import (
    Request,
    of_today,
    print_checked,
    refused,
    requested_space,
    run_hydra_command,
)
from dse.cli.formats import OutputFormat, output_format
from dse.cli.printing import Roles, print_rows, progress_when_begun
from dse.cli.terminal import one_line
from dse.configs import without_passwords
from dse.language import numbered
from dse.project import (
    SearchConfig,
    SearchRequest,
    Study,
    count_of,
    describe_grid,
    is_drawn_from,
    range_of,
    refuse_two_objectives,
    run_search,
    search_of,
)
from dse.search import FEWEST, Evaluated, SearchResult, front_of, pareto_front


@dataclass
class SearchWords(SearchConfig):
    """The keys of `conf/search.yaml`, with how to print."""

    format: str = "table"


def command(request: Request) -> None:
    """Search the space that a config describes and print the best candidates."""
    values, pages = request.values, request.choices
    output = output_format(values["format"])
    is_chosen = "objective" in request.typed_groups
    refuse_two_objectives(values["minimize"], values["maximize"], is_chosen)
    asked = search_of(values, requested_space(request), pages)
    run(asked, str(values["store"]["url"]), request.command, output)


def run(
    asked: SearchRequest, url: str, typed: str, output: OutputFormat = OutputFormat.table
) -> None:
    """Run a search and print what came of it.

    Args:
        asked: what is searched.
        url: of the store.
        typed: the command line.
        output: but for a table, the best candidates or the front are all that is printed.
    """
    asked.check()
    is_for_programs = output is not OutputFormat.table
    with progress_when_begun(
        lambda: describe_grid(asked.space.design),
        "search",
        lambda: asked.trials,
        "trials",
        is_for_programs,
    ) as (begin, tell):
        study = run_search(asked, url, typed, tell, begin)
    if is_for_programs:
        print_rows(_rows(study), output, keep=True)
        return
    _print_study(study, asked)
    print(
        f"stored in {without_passwords(url)} as study {study.id}; "
        f"look closer with `dse show ID` or `dse trials {study.id}`"
    )
    for key, place in asked.tracked.items():
        print(f"{key}: study {study.name!r} is in {without_passwords(place)}")


def _print_study(study: Study, asked: SearchRequest) -> None:
    result = study.result
    done = result.evaluations
    stored = sum(evaluated.was_stored for evaluated in done)
    failed = [evaluated for evaluated in done if evaluated.error and not evaluated.is_pruned]
    pruned = sum(evaluated.is_pruned for evaluated in done)
    given_up = f", {pruned:,} given up early" if pruned else ""
    print(
        f"{_feasible(result)}{f' meet {study.budget}' if study.budget else ''}; "
        f"{len(done):,} evaluated"
        f" ({stored:,} of them present before, {len(failed):,} failed{given_up})"
    )
    print_checked(study.budget)
    if result.warm:
        print(f"{len(result.warm):,} more were measured by other runs, and known from the start")
    if result.of_other_code:
        print(
            f"{result.of_other_code:,} were measured by other code of the objective, which is not "
            "taken for this one's; reuse=any takes it"
        )
    _print_hints(result, asked)
    drawn = result.pool.drawn_of
    if drawn is not None and result.solved is None:
        print(f"{len(result.pool.keys):,} of them were drawn uniformly to start from")
    if is_drawn_from(asked.space):
        print("they are networks of settings that were drawn uniformly, not the whole space")
    is_short = drawn is None and len(result.pool) - len(result.warm) < asked.trials
    if is_short and result.solved is None:
        print(f"fewer candidates than trials={asked.trials}: each was evaluated once")
    for evaluated in failed[:3]:
        told = "".join(f" {name}={value}" for name, value in evaluated.point.training.items())
        print(one_line(f"  candidate {evaluated.candidate_id}{told} failed: {evaluated.error}"))
    if len(failed) > 3:
        print(f"  {len(failed) - 3:,} more failed; dse trials tells why")
    limits = result.objective.limits
    if limits:
        met = sum(evaluated.is_admitted for evaluated in (*result.warm, *done))
        print(f"{met:,} of them meet {' and '.join(map(str, limits))}")
    if result.solved is not None and result.solved.steps:
        _print_steps(study)
    elif len(result.objective.goals) > 1:
        _print_front(study)
    else:
        (goal,) = result.objective.goals
        print(f"best by {goal.name} ({goal.direction}){_proof(result)}:")
        print_rows(_rows(study), roles=_roles(study))
        _print_missing(study, asked)


def _print_hints(result: SearchResult, asked: SearchRequest) -> None:
    """Say what of the store the sampler was told, and where there is nothing to learn from."""
    told = [
        f"{each.what} of {each.measured:,} {'measured earlier' if each.is_earlier else 'of them'}"
        for each in result.hints
    ]
    if told:
        print(f"hints: {'; '.join(told)}")
    is_warm = any(each.is_earlier for each in result.hints)
    if asked.warm and not is_warm and result.solved is None:
        print(f"warm: the study began with fewer than {FEWEST} measurements of other candidates")


def _print_missing(study: Study, asked: SearchRequest) -> None:
    """Say why there are fewer candidates than were asked for to differ from each other."""
    found = study.result.solved
    if found is not None and asked.diverse is not None and len(found.choices) < asked.best:
        print(
            f"no further network differs from {'it' if len(found.choices) == 1 else 'all of them'} "
            f"in {asked.diverse} choices"
        )


def _print_steps(study: Study) -> None:
    result = study.result
    assert result.solved is not None
    (goal,) = result.objective.goals
    proof = ", each optimal: proven over the whole space" if result.solved.is_proven else ""
    print(f"best by {goal.name} ({goal.direction}) within each bound{proof}:")
    print_rows(study.steps.to_dicts())


def _rows(study: Study) -> list[dict[str, Any]]:
    """Return the best candidates, of several goals the front, or the best within each bound."""
    result = study.result
    if result.solved is not None and result.solved.steps:
        return study.steps.to_dicts()
    if len(result.objective.goals) > 1:
        return [study.row(evaluated) for evaluated in front_of(result)]
    return [study.row(evaluated) for evaluated in result.best(study.number)]


def _roles(study: Study) -> Roles:
    """Return which columns are settings of candidates."""
    of_layers = (each.point.settings for each in study.result.evaluations)
    return Roles({*study.result.family.axes}.union(*of_layers))


def _feasible(result: SearchResult) -> str:
    number = result.pool.drawn_of
    if number is None or number.is_exact:
        trainings = len(result.pool.keys)
        networks = len(set(result.pool.network_keys.tolist()))
        all_of_them = networks if number is None else number.most
        found = f"{count_of(all_of_them)} candidate{'' if all_of_them == 1 else 's'}"
        return found if trainings == networks else f"{found} with {trainings:,} trainings"
    return f"{range_of(number)} candidates"


def _proof(result: SearchResult) -> str:
    """Say what is known of the best that were worked out."""
    found = result.solved
    if found is None:
        return ""
    if not found.is_proven:
        first = f"the first {found.proven:,} proven over the whole space, then "
        bound = "" if found.bound is None else f"of at most {found.bound:.10g} that any may have"
        return f", {first if found.proven else ''}{bound}"
    if len(found.choices) == 1:
        return ", which is optimal: proven over the whole space"
    return ", in order: proven over the whole space"


_SHOWN = 40
"""Rows of a front that a table shows; of a longer one it shows as many, evenly spaced."""


def _print_front(study: Study) -> None:
    result = study.result
    goals = result.objective.goals
    named = ", ".join(f"{goal.name} ({goal.direction})" for goal in goals)
    if result.solved is not None:
        front = front_of(result)
        print(
            f"exact front of {numbered(len(front), 'network')} in {named}: "
            "proven over the whole space"
        )
        print_rows([study.row(evaluated) for evaluated in _spaced(front)], roles=_roles(study))
        if len(front) > _SHOWN:
            print(f"{_SHOWN} of {len(front):,} shown, evenly spaced; format=csv prints all")
        return
    front, reference, volume = pareto_front(result)
    print(f"Pareto front of {named}: {numbered(len(front), 'candidate')}")
    print_rows([study.row(evaluated) for evaluated in front], roles=_roles(study))
    if front:
        worst = ", ".join(f"{g.name}={v:.6g}" for g, v in zip(goals, reference, strict=True))
        print(f"hypervolume {volume:.6g} from the worst evaluated, {worst}")


def _spaced(front: Sequence[Evaluated]) -> list[Evaluated]:
    """Return a front, or evenly spaced ones of it with both ends."""
    if len(front) <= _SHOWN:
        return list(front)
    return [front[place * (len(front) - 1) // (_SHOWN - 1)] for place in range(_SHOWN)]


def main(arguments: Sequence[str]) -> None:
    """Run `dse search` with these words."""
    words = [of_today("search", word) for word in arguments]
    run_hydra_command("search", SearchWords, command, words, refused)
