"""What commands print of what they were told: rows, layers, memory, budgets, bars and progress."""

from typing import TYPE_CHECKING

from dse.lazy_exports import lazily, names_of

if TYPE_CHECKING:
    from dse.cli.printing.column_roles import NO_ROLES as NO_ROLES
    from dse.cli.printing.column_roles import Roles as Roles
    from dse.cli.printing.found_candidates import Look as Look
    from dse.cli.printing.found_candidates import print_candidate as print_candidate
    from dse.cli.printing.output import READ_BY_PEOPLE as READ_BY_PEOPLE
    from dse.cli.printing.output import STREAMED as STREAMED
    from dse.cli.printing.output import format_cell as format_cell
    from dse.cli.printing.output import note as note
    from dse.cli.printing.output import print_rows as print_rows
    from dse.cli.printing.output import print_stream as print_stream
    from dse.cli.printing.output import silence as silence
    from dse.cli.printing.output import tell as tell
    from dse.cli.printing.printed_bars import print_bars as print_bars
    from dse.cli.printing.printed_bars import print_shares as print_shares
    from dse.cli.printing.printed_budget import fail_if_broken as fail_if_broken
    from dse.cli.printing.printed_contest import print_contest as print_contest
    from dse.cli.printing.printed_conventions import print_comparison as print_comparison
    from dse.cli.printing.printed_conventions import print_convention as print_convention
    from dse.cli.printing.printed_conventions import print_rules as print_rules
    from dse.cli.printing.printed_layers import Shown as Shown
    from dse.cli.printing.printed_layers import print_count as print_count
    from dse.cli.printing.printed_layers import read_layers as read_layers
    from dse.cli.printing.printed_layers import with_given as with_given
    from dse.cli.printing.printed_memory import check_memory as check_memory
    from dse.cli.printing.printed_memory import draw_timeline as draw_timeline
    from dse.cli.printing.printed_memory import timeline_of as timeline_of
    from dse.cli.printing.printed_progress import progress as progress
    from dse.cli.printing.printed_progress import progress_when_begun as progress_when_begun

_HOMES = {
    "dse.cli.printing.column_roles": ("NO_ROLES", "Roles"),
    "dse.cli.printing.found_candidates": ("Look", "print_candidate"),
    "dse.cli.printing.output": (
        *("READ_BY_PEOPLE", "STREAMED", "format_cell", "note", "print_rows", "print_stream"),
        *("silence", "tell"),
    ),
    "dse.cli.printing.printed_bars": ("print_bars", "print_shares"),
    "dse.cli.printing.printed_budget": ("fail_if_broken",),
    "dse.cli.printing.printed_contest": ("print_contest",),
    "dse.cli.printing.printed_conventions": ("print_comparison", "print_convention", "print_rules"),
    "dse.cli.printing.printed_layers": ("Shown", "print_count", "read_layers", "with_given"),
    "dse.cli.printing.printed_memory": ("check_memory", "draw_timeline", "timeline_of"),
    "dse.cli.printing.printed_progress": ("progress", "progress_when_begun"),
}

__getattr__ = lazily(__name__, _HOMES)

__all__ = names_of(_HOMES)
