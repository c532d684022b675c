"""Numbers of candidates and of blocks that come into a store from tables, files and timing."""

from typing import TYPE_CHECKING

from dse.lazy_exports import lazily, names_of

if TYPE_CHECKING:
    from dse.project.measurements.block_exports import export_blocks as export_blocks
    from dse.project.measurements.block_imports import BlockImport as BlockImport
    from dse.project.measurements.block_imports import ImportedBlocks as ImportedBlocks
    from dse.project.measurements.block_imports import Unnumbered as Unnumbered
    from dse.project.measurements.block_imports import import_blocks as import_blocks
    from dse.project.measurements.block_measuring import Measured as Measured
    from dse.project.measurements.block_measuring import Measuring as Measuring
    from dse.project.measurements.block_measuring import measure as measure
    from dse.project.measurements.importing import Imported as Imported
    from dse.project.measurements.importing import import_table as import_table
    from dse.project.measurements.matched_rows import TableImport as TableImport

_HOMES = {
    "dse.project.measurements.block_exports": ("export_blocks",),
    "dse.project.measurements.block_imports": (
        *("BlockImport", "ImportedBlocks", "Unnumbered", "import_blocks"),
    ),
    "dse.project.measurements.block_measuring": ("Measured", "Measuring", "measure"),
    "dse.project.measurements.importing": ("Imported", "import_table"),
    "dse.project.measurements.matched_rows": ("TableImport",),
}

__getattr__ = lazily(__name__, _HOMES)

__all__ = names_of(_HOMES)
