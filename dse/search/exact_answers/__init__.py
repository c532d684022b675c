"""Goals over costs alone need no search: the best candidates and fronts are worked out."""

from typing import TYPE_CHECKING

from dse.lazy_exports import lazily, names_of

if TYPE_CHECKING:
    from dse.search.exact_answers.exact import best_of_costs as best_of_costs
    from dse.search.exact_answers.found import store_found as store_found
    from dse.search.exact_answers.worked_out import Answers as Answers
    from dse.search.exact_answers.worked_out import Solved as Solved
    from dse.search.exact_answers.worked_out import Step as Step
    from dse.search.exact_answers.worked_out import refuse_unanswerable as refuse_unanswerable
    from dse.search.exact_answers.worked_out import solved as solved
    from dse.search.exact_answers.worked_out import with_upper as with_upper

_HOMES = {
    "dse.search.exact_answers.exact": ("best_of_costs",),
    "dse.search.exact_answers.found": ("store_found",),
    "dse.search.exact_answers.worked_out": (
        *("Answers", "Solved", "Step", "refuse_unanswerable", "solved", "with_upper"),
    ),
}

__getattr__ = lazily(__name__, _HOMES)

__all__ = names_of(_HOMES)
