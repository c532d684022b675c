"""What Python code has of `dse`: what is exported, and what the objects can be asked for."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from functools import cached_property
from typing import Any

import dse
from dse.project import Project, Space, Study
from tests.guide.markdown import table

RETURNED = {"dse.design_space(…)": Space, "dse.open(…)": Project, "search": Study}
"""The class of what calls return."""


def exported_and_returned() -> str:
    """Return tables of what `dse` exports, and of what a project, a space and a study have."""
    exported = (
        [f"`dse.{name}`", first_line(getattr(dse, name))] for name in dse.__all__ if name[0] != "_"
    )
    parts = [table(["name", "what it is"], exported)]
    pictures = (
        [f"`dse.plots.{name}`", first_line(getattr(dse.plots, name))] for name in dse.plots.__all__
    )
    parts += ["### dse.plots: pictures", table(["name", "what it draws"], pictures)]
    for made, kind in RETURNED.items():
        rows = ([f"`{name}`", told] for name, told in members(kind).items())
        heading = f"### {kind.__name__}: what `{made}` returns"
        parts += [heading, table(["name", "what"], rows)]
    return "\n\n".join(parts)


def members(kind: type) -> dict[str, str]:
    """Return what a class has that is not private, its bases included: fields, then the others."""
    bases = [base for base in reversed(kind.__mro__) if base is not object]
    told = {name: text for base in bases for name, text in _fields(base)}
    for base in bases:
        for name, value in vars(base).items():
            if name[0] != "_" and (callable(value) or isinstance(value, _READ)):
                told[name] = first_line(value)
    return told


_READ = (property, cached_property)


def _fields(kind: type) -> Iterator[tuple[str, str]]:
    """Yield the annotated fields of a class, each with the text below it."""
    (tree,) = ast.parse(inspect.getsource(kind)).body
    assert isinstance(tree, ast.ClassDef)
    for field, below in zip(tree.body, [*tree.body[1:], None], strict=True):
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name):
            match below:
                case ast.Expr(value=ast.Constant(value=str(text))):
                    yield field.target.id, inspect.cleandoc(text).partition("\n\n")[0]
                case _:
                    yield field.target.id, ""


def first_line(value: Any) -> str:
    """Return the first paragraph of a documentation string."""
    documented = value.func if isinstance(value, cached_property) else value
    return (inspect.getdoc(documented) or "").partition("\n\n")[0]
