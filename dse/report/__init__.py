"""Pictures and pages of what was found."""

from typing import TYPE_CHECKING

from dse.lazy_exports import lazily

if TYPE_CHECKING:
    from dse.report.memory_picture import check_memory_picture as check_memory_picture
    from dse.report.memory_picture import draw_memory as draw_memory
    from dse.report.memory_picture import peak_text as peak_text
    from dse.report.regret_picture import check_picture as check_picture
    from dse.report.regret_picture import draw_regret as draw_regret

_HOMES = {
    "dse.report.memory_picture": (
        "check_memory_picture",
        "draw_memory",
        "peak_text",
    ),
    "dse.report.regret_picture": (
        "check_picture",
        "draw_regret",
    ),
}

__getattr__ = lazily(__name__, _HOMES)

__all__ = ["check_memory_picture", "check_picture", "draw_memory", "draw_regret", "peak_text"]
