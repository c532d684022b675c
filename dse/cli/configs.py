"""Moved to `dse.configs`."""

from dse.configs import config_directory, family_pages, find_page

__all__ = ["config_directory", "family_pages", "find_page"]
