"""Where configs lie, what they may be called, and the one door to what a page may say."""

from typing import TYPE_CHECKING

from dse.lazy_exports import lazily, names_of

if TYPE_CHECKING:
    from dse.configs.config_places import DEFAULT_STORE as DEFAULT_STORE
    from dse.configs.config_places import NAMING_CODE as NAMING_CODE
    from dse.configs.config_places import STORE_VARIABLE as STORE_VARIABLE
    from dse.configs.config_places import chosen_store as chosen_store
    from dse.configs.config_places import config_directory as config_directory
    from dse.configs.config_places import family_pages as family_pages
    from dse.configs.config_places import find_page as find_page
    from dse.configs.config_places import grid_beside as grid_beside
    from dse.configs.config_places import group_pages as group_pages
    from dse.configs.config_places import is_dotted as is_dotted
    from dse.configs.config_places import within as within
    from dse.configs.names import GRID_WORDS as GRID_WORDS
    from dse.configs.names import checked_name as checked_name
    from dse.configs.names import is_name as is_name
    from dse.configs.own_pages import composed_page as composed_page
    from dse.configs.own_pages import groups as groups
    from dse.configs.own_pages import read_page as read_page
    from dse.configs.passwords import passwords_taken_out as passwords_taken_out
    from dse.configs.passwords import without_passwords as without_passwords
    from dse.configs.passwords import without_passwords_in as without_passwords_in

_HOMES = {
    "dse.configs.config_places": (
        *("DEFAULT_STORE", "NAMING_CODE", "STORE_VARIABLE", "chosen_store", "config_directory"),
        *("family_pages", "find_page", "grid_beside", "group_pages", "is_dotted", "within"),
    ),
    "dse.configs.names": ("GRID_WORDS", "checked_name", "is_name"),
    "dse.configs.own_pages": ("composed_page", "groups", "read_page"),
    "dse.configs.passwords": ("passwords_taken_out", "without_passwords", "without_passwords_in"),
}

__getattr__ = lazily(__name__, _HOMES)

__all__ = names_of(_HOMES)
