"""Asking a store: each kind of question, from rows and groups to plain SQL, and its answer."""

from typing import TYPE_CHECKING

from dse.lazy_exports import lazily, names_of

if TYPE_CHECKING:
    from dse.store.questions.answers import Answer as Answer
    from dse.store.questions.column_answers import ColumnAnswer as ColumnAnswer
    from dse.store.questions.column_answers import answer_columns as answer_columns
    from dse.store.questions.column_answers import measured_names as measured_names
    from dse.store.questions.column_answers import settings_of_ids as settings_of_ids
    from dse.store.questions.correlation import correlate as correlate
    from dse.store.questions.grouped_answers import answer_by_group as answer_by_group
    from dse.store.questions.pareto_answers import ParetoGoal as ParetoGoal
    from dse.store.questions.pareto_answers import pareto as pareto
    from dse.store.questions.row_answers import answer as answer
    from dse.store.questions.row_answers import ask as ask
    from dse.store.questions.row_answers import check_condition as check_condition
    from dse.store.questions.statements import answer_sql as answer_sql
    from dse.store.questions.streamed_answers import Streamed as Streamed
    from dse.store.questions.streamed_answers import streamed as streamed

_HOMES = {
    "dse.store.questions.answers": ("Answer",),
    "dse.store.questions.column_answers": (
        *("ColumnAnswer", "answer_columns", "measured_names", "settings_of_ids"),
    ),
    "dse.store.questions.correlation": ("correlate",),
    "dse.store.questions.grouped_answers": ("answer_by_group",),
    "dse.store.questions.pareto_answers": ("ParetoGoal", "pareto"),
    "dse.store.questions.row_answers": ("answer", "ask", "check_condition"),
    "dse.store.questions.statements": ("answer_sql",),
    "dse.store.questions.streamed_answers": ("Streamed", "streamed"),
}

__getattr__ = lazily(__name__, _HOMES)

__all__ = names_of(_HOMES)
