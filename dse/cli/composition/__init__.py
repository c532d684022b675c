"""From the words of a command to its config, as Hydra composes it, with errors told in one line."""

from typing import TYPE_CHECKING

from dse.lazy_exports import lazily, names_of

if TYPE_CHECKING:
    from dse.cli.composition.former_words import of_today as of_today
    from dse.cli.composition.hydra_app import run_hydra_command as run_hydra_command
    from dse.cli.composition.hydra_help import OPTIONS as OPTIONS
    from dse.cli.composition.hydra_help import documented_groups as documented_groups
    from dse.cli.composition.hydra_help import documented_keys as documented_keys
    from dse.cli.composition.hydra_help import help_of as help_of
    from dse.cli.composition.page_directory import own_directory as own_directory
    from dse.cli.composition.request import Request as Request
    from dse.cli.composition.space_request import print_checked as print_checked
    from dse.cli.composition.space_request import refused as refused
    from dse.cli.composition.space_request import requested_space as requested_space
    from dse.cli.composition.usage_errors import told_of_usage as told_of_usage

_HOMES = {
    "dse.cli.composition.former_words": ("of_today",),
    "dse.cli.composition.hydra_app": ("run_hydra_command",),
    "dse.cli.composition.hydra_help": (
        *("OPTIONS", "documented_groups", "documented_keys", "help_of"),
    ),
    "dse.cli.composition.page_directory": ("own_directory",),
    "dse.cli.composition.request": ("Request",),
    "dse.cli.composition.space_request": ("print_checked", "refused", "requested_space"),
    "dse.cli.composition.usage_errors": ("told_of_usage",),
}

__getattr__ = lazily(__name__, _HOMES)

__all__ = names_of(_HOMES)
