"""A sweep, a search or a training of a supernet: as keys, as a request, and as its record."""

from typing import TYPE_CHECKING

from dse.lazy_exports import lazily, names_of

if TYPE_CHECKING:
    from dse.project.requests.named_goals import goals_in_short as goals_in_short
    from dse.project.requests.named_goals import refuse_two_objectives as refuse_two_objectives
    from dse.project.requests.replaying import stored_request as stored_request
    from dse.project.requests.replaying import stored_space as stored_space
    from dse.project.requests.request_configs import SpaceKeys as SpaceKeys
    from dse.project.requests.request_configs import space_of as space_of
    from dse.project.requests.request_configs import typed as typed
    from dse.project.requests.search_keys import SearchConfig as SearchConfig
    from dse.project.requests.search_keys import search_of as search_of
    from dse.project.requests.search_requests import SearchRequest as SearchRequest
    from dse.project.requests.search_requests import run_search as run_search
    from dse.project.requests.search_requests import tracked_by as tracked_by
    from dse.project.requests.study import Study as Study
    from dse.project.requests.supernet_call import SupernetCall as SupernetCall
    from dse.project.requests.supernet_requests import SupernetRequest as SupernetRequest
    from dse.project.requests.supernet_requests import TrainedSupernet as TrainedSupernet
    from dse.project.requests.supernet_requests import run_supernet as run_supernet
    from dse.project.requests.sweep_keys import SweepConfig as SweepConfig
    from dse.project.requests.sweep_keys import sweep_of as sweep_of
    from dse.project.requests.sweep_requests import SweepRequest as SweepRequest
    from dse.project.requests.sweep_requests import Swept as Swept
    from dse.project.requests.sweep_requests import run_sweep as run_sweep

_HOMES = {
    "dse.project.requests.named_goals": ("goals_in_short", "refuse_two_objectives"),
    "dse.project.requests.replaying": ("stored_request", "stored_space"),
    "dse.project.requests.request_configs": ("SpaceKeys", "space_of", "typed"),
    "dse.project.requests.search_keys": ("SearchConfig", "search_of"),
    "dse.project.requests.search_requests": ("SearchRequest", "run_search", "tracked_by"),
    "dse.project.requests.study": ("Study",),
    "dse.project.requests.supernet_call": ("SupernetCall",),
    "dse.project.requests.supernet_requests": (
        *("SupernetRequest", "TrainedSupernet", "run_supernet"),
    ),
    "dse.project.requests.sweep_keys": ("SweepConfig", "sweep_of"),
    "dse.project.requests.sweep_requests": ("SweepRequest", "Swept", "run_sweep"),
}

__getattr__ = lazily(__name__, _HOMES)

__all__ = names_of(_HOMES)
