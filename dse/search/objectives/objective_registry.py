"""The objectives that any config may name, and what is checked of their options.

Each is loaded when it is asked for: most need PyTorch, which a search of costs alone does without.
"""

from __future__ import annotations

from dse.lazy_exports import ImportedPaths

OBJECTIVES = ImportedPaths(
    f"{__package__}.{name}"
    for name in (
        *("cost", "grad_norm", "grasp", "latency", "macs", "naswot", "params", "scaling_law"),
        *("snip", "synflow", "table", "train", "zen"),
    )
)
"""The objectives that any config may name, by their paths."""

CHECKS = {
    f"{__package__}.{name}": f"{__package__}.{check}"
    for name, check in {
        "cost": "cost_values.check_cost",
        **dict.fromkeys(("grad_norm", "grasp", "naswot", "snip"), "score_options.check_score"),
        "latency": "score_options.check_latency",
        "scaling_law": "scaling_laws.check_scaling_law",
        "table": "table_lookup.check_table",
        "train": "short_training.check_training",
        "zen": "score_options.check_zen",
    }.items()
}
"""What says of an objective's options, before anything is evaluated, that they cannot be: the path
of a function, by that of the objective."""
