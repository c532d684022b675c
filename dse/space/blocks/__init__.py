"""Thin adapters with one signature around the block classes that torchvision ships."""

from typing import TYPE_CHECKING

from dse.lazy_exports import lazily, names_of

if TYPE_CHECKING:
    from dse.space.blocks.block_dtype import dtype_of_block as dtype_of_block
    from dse.space.blocks.block_dtype import read_block_dtype as read_block_dtype
    from dse.space.blocks.block_modules import asked_of as asked_of
    from dse.space.blocks.block_modules import block_call as block_call
    from dse.space.blocks.block_modules import block_module as block_module
    from dse.space.blocks.block_modules import block_route as block_route
    from dse.space.blocks.block_modules import signature_of as signature_of
    from dse.space.blocks.block_registry import BLOCKS as BLOCKS
    from dse.space.blocks.block_registry import DTYPE_SETTING as DTYPE_SETTING
    from dse.space.blocks.block_registry import Block as Block
    from dse.space.blocks.block_registry import block_of as block_of
    from dse.space.blocks.block_registry import find_block as find_block
    from dse.space.blocks.block_registry import register as register
    from dse.space.blocks.cells import CELL as CELL
    from dse.space.blocks.cells import CELL_SETTINGS as CELL_SETTINGS
    from dse.space.blocks.cells import GRAPH as GRAPH
    from dse.space.blocks.cells import JOINS as JOINS
    from dse.space.blocks.cells import CellEdge as CellEdge
    from dse.space.blocks.cells import CellGraph as CellGraph
    from dse.space.blocks.cells import CellNode as CellNode
    from dse.space.blocks.cells import CellOperation as CellOperation
    from dse.space.blocks.cells import CellOperations as CellOperations
    from dse.space.blocks.cells import Join as Join
    from dse.space.blocks.cells import operations_of as operations_of
    from dse.space.blocks.cells import steps_within as steps_within
    from dse.space.blocks.closed_forms import CLOSED_COSTS as CLOSED_COSTS
    from dse.space.blocks.closed_forms import CLOSED_FORMS as CLOSED_FORMS
    from dse.space.blocks.closed_forms import ClosedForm as ClosedForm
    from dse.space.blocks.closed_forms import closed_form as closed_form
    from dse.space.blocks.model_builders import accepted_arguments as accepted_arguments
    from dse.space.blocks.model_builders import find_builder as find_builder
    from dse.space.blocks.model_builders import is_trusted as is_trusted
    from dse.space.blocks.model_builders import offline as offline
    from dse.space.blocks.model_builders import own_arguments as own_arguments
    from dse.space.blocks.model_builders import takes_words as takes_words
    from dse.space.blocks.named_code import MissingExtra as MissingExtra
    from dse.space.blocks.named_code import callable_at as callable_at
    from dse.space.blocks.named_code import check_arguments as check_arguments
    from dse.space.blocks.named_code import find_target as find_target
    from dse.space.blocks.named_code import import_own as import_own
    from dse.space.blocks.part_limit import limited_parts as limited_parts
    from dse.space.blocks.routing import KEEPS as KEEPS
    from dse.space.blocks.routing import MOST_TENSORS as MOST_TENSORS
    from dse.space.blocks.routing import ROUTE_SETTINGS as ROUTE_SETTINGS
    from dse.space.blocks.routing import Shapes as Shapes
    from dse.space.blocks.routing import is_routed as is_routed
    from dse.space.blocks.routing import route_text as route_text
    from dse.space.blocks.routing import shapes_of as shapes_of
    from dse.space.blocks.shipped_blocks import builder_of as builder_of
    from dse.space.blocks.shipped_blocks import load_shipped as load_shipped
    from dse.space.blocks.trusted_blocks import check_trusted as check_trusted
    from dse.space.blocks.trusted_names import PLACE_ARGUMENTS as PLACE_ARGUMENTS
    from dse.space.blocks.trusted_names import WEIGHT_ARGUMENTS as WEIGHT_ARGUMENTS

_HOMES = {
    "dse.space.blocks.block_dtype": ("dtype_of_block", "read_block_dtype"),
    "dse.space.blocks.block_modules": (
        *("asked_of", "block_call", "block_module", "block_route", "signature_of"),
    ),
    "dse.space.blocks.block_registry": (
        *("BLOCKS", "Block", "DTYPE_SETTING", "block_of", "find_block", "register"),
    ),
    "dse.space.blocks.cells": (
        *("CELL", "CELL_SETTINGS", "CellEdge", "CellGraph", "CellNode", "CellOperation"),
        *("CellOperations", "GRAPH", "JOINS", "Join", "operations_of", "steps_within"),
    ),
    "dse.space.blocks.closed_forms": ("CLOSED_COSTS", "CLOSED_FORMS", "ClosedForm", "closed_form"),
    "dse.space.blocks.model_builders": (
        *("accepted_arguments", "find_builder", "is_trusted", "offline", "own_arguments"),
        *("takes_words",),
    ),
    "dse.space.blocks.named_code": (
        *("MissingExtra", "callable_at", "check_arguments", "find_target", "import_own"),
    ),
    "dse.space.blocks.part_limit": ("limited_parts",),
    "dse.space.blocks.routing": (
        *("KEEPS", "MOST_TENSORS", "ROUTE_SETTINGS", "Shapes", "is_routed", "route_text"),
        *("shapes_of",),
    ),
    "dse.space.blocks.shipped_blocks": ("builder_of", "load_shipped"),
    "dse.space.blocks.trusted_blocks": ("check_trusted",),
    "dse.space.blocks.trusted_names": ("PLACE_ARGUMENTS", "WEIGHT_ARGUMENTS"),
}

__getattr__ = lazily(__name__, _HOMES)

__all__ = names_of(_HOMES)
