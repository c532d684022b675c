"""What ships, ready to be listed: families with their axes, blocks with their settings.

It is read from an index that is made of the pages and the registry, so that listing, help and
completion never load PyTorch. A page that is not as the index knows it is read for itself.
"""

from dse.catalogue.listed_block import ListedBlock, listed_block, listed_blocks
from dse.catalogue.listed_family import (
    SCHEMA_LINE,
    ListedAxis,
    ListedFamily,
    axes_of_page,
    described_by,
    index_entry,
    indexed_family,
    page_digest,
)
from dse.catalogue.remembered_families import remember_entry
from dse.catalogue.shipped_index import INDEX, shipped_index

__all__ = [
    "INDEX",
    "SCHEMA_LINE",
    "ListedAxis",
    "ListedBlock",
    "ListedFamily",
    "axes_of_page",
    "described_by",
    "index_entry",
    "indexed_family",
    "listed_block",
    "listed_blocks",
    "page_digest",
    "remember_entry",
    "shipped_index",
]
