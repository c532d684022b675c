"""What the modules of a model hold, and copies of them that hold no data."""

from typing import TYPE_CHECKING

from dse.lazy_exports import lazily, names_of

if TYPE_CHECKING:
    from dse.counting.modules.construction import build_without_weights as build_without_weights
    from dse.counting.modules.deep_copies import copied_value as copied_value
    from dse.counting.modules.graph_parts import Call as Call
    from dse.counting.modules.graph_parts import FileGraph as FileGraph
    from dse.counting.modules.graph_parts import GraphNode as GraphNode
    from dse.counting.modules.module_walks import CONTAINERS as CONTAINERS
    from dse.counting.modules.module_walks import attribute_of as attribute_of
    from dse.counting.modules.module_walks import modules_within as modules_within
    from dse.counting.modules.module_walks import tensors_held as tensors_held
    from dse.counting.modules.random_state import random_state_kept as random_state_kept
    from dse.counting.modules.replica import has_no_weights as has_no_weights
    from dse.counting.modules.replica import meta_replica as meta_replica
    from dse.counting.modules.replica import real_replica as real_replica
    from dse.counting.modules.replica import untouched as untouched
    from dse.counting.modules.shared_weights import borrowed_weights as borrowed_weights
    from dse.counting.modules.shared_weights import lent_weights as lent_weights
    from dse.counting.modules.shared_weights import share_weights as share_weights
    from dse.counting.modules.token_costs import cached_bytes as cached_bytes
    from dse.counting.modules.token_costs import experts_visited as experts_visited
    from dse.counting.modules.token_costs import hold_caches as hold_caches
    from dse.counting.modules.token_costs import kept_names as kept_names
    from dse.counting.modules.weights import held_weights as held_weights
    from dse.counting.modules.weights import list_weights as list_weights

_HOMES = {
    "dse.counting.modules.construction": ("build_without_weights",),
    "dse.counting.modules.deep_copies": ("copied_value",),
    "dse.counting.modules.graph_parts": ("Call", "FileGraph", "GraphNode"),
    "dse.counting.modules.module_walks": (
        *("CONTAINERS", "attribute_of", "modules_within", "tensors_held"),
    ),
    "dse.counting.modules.random_state": ("random_state_kept",),
    "dse.counting.modules.replica": ("has_no_weights", "meta_replica", "real_replica", "untouched"),
    "dse.counting.modules.shared_weights": ("borrowed_weights", "lent_weights", "share_weights"),
    "dse.counting.modules.token_costs": (
        *("cached_bytes", "experts_visited", "hold_caches", "kept_names"),
    ),
    "dse.counting.modules.weights": ("held_weights", "list_weights"),
}

__getattr__ = lazily(__name__, _HOMES)

__all__ = names_of(_HOMES)
