"""What a sampler is shown of a study and of the store, and which candidate it then proposes."""

from typing import TYPE_CHECKING

from dse.lazy_exports import lazily, names_of

if TYPE_CHECKING:
    from dse.search.proposing.hints import FEWEST as FEWEST
    from dse.search.proposing.hints import HINTS_READ as HINTS_READ
    from dse.search.proposing.hints import Hint as Hint
    from dse.search.proposing.hints import WantedHints as WantedHints
    from dse.search.proposing.hints import hint_matrix as hint_matrix
    from dse.search.proposing.hints import hints_of as hints_of
    from dse.search.proposing.hints import read_hints as read_hints
    from dse.search.proposing.promotion import promoted as promoted
    from dse.search.proposing.proposals import Proposal as Proposal
    from dse.search.proposing.proposals import Proposer as Proposer
    from dse.search.proposing.proposals import SamplerMaker as SamplerMaker
    from dse.search.proposing.proposals import SeenTrial as SeenTrial
    from dse.search.proposing.proposals import index_distributions as index_distributions
    from dse.search.proposing.study_trials import Seen as Seen
    from dse.search.proposing.study_trials import StudyTrials as StudyTrials
    from dse.search.proposing.study_view import StudyView as StudyView

_HOMES = {
    "dse.search.proposing.hints": (
        *("FEWEST", "HINTS_READ", "Hint", "WantedHints", "hint_matrix", "hints_of", "read_hints"),
    ),
    "dse.search.proposing.promotion": ("promoted",),
    "dse.search.proposing.proposals": (
        *("Proposal", "Proposer", "SamplerMaker", "SeenTrial", "index_distributions"),
    ),
    "dse.search.proposing.study_trials": ("Seen", "StudyTrials"),
    "dse.search.proposing.study_view": ("StudyView",),
}

__getattr__ = lazily(__name__, _HOMES)

__all__ = names_of(_HOMES)
