"""Pages as a person meets them: chosen, listed, checked, made anew, and described to editors."""

from typing import TYPE_CHECKING

from dse.lazy_exports import lazily, names_of

if TYPE_CHECKING:
    from dse.project.pages.chosen_pages import Choice as Choice
    from dse.project.pages.chosen_pages import ChosenPage as ChosenPage
    from dse.project.pages.chosen_pages import chosen_executor as chosen_executor
    from dse.project.pages.chosen_pages import chosen_page as chosen_page
    from dse.project.pages.family_listing import listed_families as listed_families
    from dse.project.pages.family_listing import listed_family as listed_family
    from dse.project.pages.family_listing import read_listing as read_listing
    from dse.project.pages.grids_of_pages import grid_of_pages as grid_of_pages
    from dse.project.pages.page_checks import ReadPage as ReadPage
    from dse.project.pages.page_checks import read_family_page as read_family_page
    from dse.project.pages.starting_pages import start_pages as start_pages

_HOMES = {
    "dse.project.pages.chosen_pages": ("Choice", "ChosenPage", "chosen_executor", "chosen_page"),
    "dse.project.pages.family_listing": ("listed_families", "listed_family", "read_listing"),
    "dse.project.pages.grids_of_pages": ("grid_of_pages",),
    "dse.project.pages.page_checks": ("ReadPage", "read_family_page"),
    "dse.project.pages.starting_pages": ("start_pages",),
}

__getattr__ = lazily(__name__, _HOMES)

__all__ = names_of(_HOMES)
