"""The rooms of the package: what one may import of another, in which direction, and names."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

import pytest

import dse
from dse.lazy_exports import names_of

ROOT = Path(dse.__file__).parent

LAYERS = (
    {
        *("errors", "limits", "lazy_exports", "own_version", "dominance", "html_tables", "extras"),
        "checked_numbers",
        "files",
    },
    {"costs", "configs"},
    {"catalogue", "guide"},
    {"code"},
    {"language", "execution", "cost_formulas", "shown_values"},
    {"counting", "store"},
    {"space"},
    {"devices"},
    {"search"},
    {"supernet"},
    {"report"},
    {"project"},
    {"plots"},
    {"cli", "__main__"},
)
"""Rooms and files of the package's root: each imports of its own layer and those before it."""


def modules() -> dict[str, Path]:
    """Return every module of the package by its dotted name."""
    found = {}
    for path in sorted(ROOT.rglob("*.py")):
        parts = path.relative_to(ROOT.parent).with_suffix("").parts
        found[".".join(parts).removesuffix(".__init__")] = path
    return found


MODULES = modules()
PACKAGES = {name for name, path in MODULES.items() if path.name == "__init__.py"}


@cache
def imports(name: str) -> tuple[tuple[str, str], ...]:
    """Return the modules of the package that a module names in imports, each with what it takes."""
    return tuple(_imports(name))


def _imports(name: str) -> Iterator[tuple[str, str]]:
    for node in ast.walk(ast.parse(MODULES[name].read_text())):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "dse":
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                yield (inner, "") if inner in MODULES else (str(node.module), alias.name)
        elif isinstance(node, ast.Import):
            yield from ((a.name, "") for a in node.names if a.name.split(".")[0] == "dse")


def package_of(name: str) -> str:
    return name if name in PACKAGES else name.rpartition(".")[0]


def is_inside(name: str, package: str) -> bool:
    return name == package or name.startswith(f"{package}.")


def test_of_another_room_only_what_it_exports_is_imported() -> None:
    wrong = []
    for name in MODULES:
        for target, taken in imports(name):
            room = target.rpartition(".")[0] or "dse"
            if taken == "" and exports(room, target):
                # A function that has the name of the module that defines it.
                room = room.rpartition(".")[0] or "dse"
            if not is_inside(package_of(name), room):
                wrong.append(f"{name} imports {target}")
    assert wrong == []


def exports(package: str, target: str) -> bool:
    return f'"{target.rpartition(".")[2]}"' in MODULES[package].read_text()


def layer_of(name: str) -> int:
    room = name.split(".")[1] if "." in name else ""
    return next((i for i, layer in enumerate(LAYERS) if room in layer), -1)


def test_no_arrow_runs_up() -> None:
    for name in MODULES:
        assert name == "dse" or layer_of(name) >= 0, f"{name} has no place in LAYERS"
    assert [
        f"{name} imports {target}"
        for name in MODULES
        for target, _ in imports(name)
        if "dse" not in (name, target) and layer_of(target) > layer_of(name)
    ] == []


def test_the_store_never_needs_torch() -> None:
    for name in MODULES:
        if is_inside(name, "dse.store"):
            assert not any(
                is_inside(target, room)
                for target, _ in imports(name)
                for room in ("dse.counting", "dse.space", "dse.search")
            )


def defining(target: str, taken: str) -> frozenset[str]:
    """Return where that is defined which is imported; of a package as such, the package."""
    if target not in PACKAGES or not taken:
        return frozenset({target})
    inner = (each for each, name in imports(target) if name == taken)
    return frozenset().union(*(defining(each, taken) for each in inner))


def needs(name: str) -> frozenset[str]:
    """Return the modules and packages that define what a module imports."""
    return frozenset().union(*(defining(*each) for each in imports(name))) - {name}


def circle_in(arrows: Mapping[str, Iterable[str]]) -> str | None:
    """Return a circle among arrows, as text; None where there is none."""
    done: set[str] = set()

    def found(name: str, path: tuple[str, ...]) -> str | None:
        if name in path:
            return " → ".join((*path[path.index(name) :], name))
        if name in done:
            return None
        circles = (found(target, (*path, name)) for target in sorted(arrows.get(name, ())))
        circle = next(filter(None, circles), None)
        done.add(name)
        return circle

    return next(filter(None, (found(name, ()) for name in arrows)), None)


def test_no_circle_of_files() -> None:
    """Packages apart, which only hand out what their modules define."""
    assert (
        circle_in({name: needs(name) - PACKAGES for name in MODULES if name not in PACKAGES})
        is None
    )


@pytest.mark.parametrize("package", sorted(PACKAGES))
def test_rooms_of_one_package_never_import_each_other_both_ways(package: str) -> None:
    """Neither its rooms nor the files beside them do, be it by way of a third."""
    assert circle_in(arrows_within(package)) is None


def arrows_within(package: str) -> dict[str, set[str]]:
    """Return which rooms and files of a package import which others of it."""
    arrows = defaultdict(set)
    for name in MODULES:
        for each in needs(name):
            source, target = child_of(package, name), child_of(package, each)
            if source and target and source != target:
                arrows[source].add(target)
    return arrows


def child_of(package: str, name: str) -> str:
    """Return the room or file of a package that a module is, or stands in; empty for neither."""
    return name.removeprefix(f"{package}.").split(".")[0] if name.startswith(f"{package}.") else ""


def test_of_arrows_that_go_round_a_circle_is_told() -> None:
    assert circle_in({"tables": {"graph"}, "graph": {"answers"}, "answers": {"pages"}}) is None
    circle = "tables → graph → answers → tables"
    assert circle_in({"tables": {"graph"}, "graph": {"answers"}, "answers": {"tables"}}) == circle


def test_names_of_files_and_classes_are_unique() -> None:
    files, classes = defaultdict(list), defaultdict(list)
    for name, path in MODULES.items():
        # A command is called as it is on the command line.
        if path.name != "__init__.py" and path.parent.name != "cli":
            files[path.name].append(name)
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.ClassDef):
                classes[node.name].append(name)
    for known in (files, classes):
        assert {key: names for key, names in known.items() if len(names) > 1} == {}


@pytest.mark.parametrize("name", sorted(n for n in PACKAGES if "migrations" not in n))
def test_a_room_says_what_it_is_for_and_exports_what_exists(name: str) -> None:
    package = __import__(name, fromlist=["x"])
    assert (package.__doc__ or "").strip()
    for exported in getattr(package, "__all__", ()):
        assert getattr(package, exported) is not None


@pytest.mark.parametrize("name", sorted(n for n in PACKAGES if "migrations" not in n))
def test_checkers_know_of_all_that_a_room_hands_out(name: str) -> None:
    """What only its table of names has would be of any type to them."""
    package = __import__(name, fromlist=["x"])
    homes: Mapping[str, Sequence[str]] = getattr(package, "_HOMES", {})
    handed_out = {(home, each) for home, names in homes.items() for each in names}
    told = {each for each in imports(name) if each[1] in names_of(homes)}
    assert told == {each for each in handed_out if ".".join(each) not in MODULES}


@pytest.mark.parametrize("name", sorted(n for n in PACKAGES if "migrations" not in n))
def test_no_module_has_the_name_of_what_its_room_hands_out_late(name: str) -> None:
    """To import the module would put it in the place of what is asked for."""
    homes: Mapping[str, Sequence[str]] = getattr(__import__(name, fromlist=["x"]), "_HOMES", {})
    handed_out = {each for home, names in homes.items() if home != name for each in names}
    assert [each for each in handed_out if f"{name}.{each}" in MODULES] == []


def rooms_in_the_manual() -> dict[str, list[str]]:
    """Return the rooms that the page of the architecture lists for each package, in its order."""
    text = (ROOT / "guide" / "architecture.md").read_text().split("## The rooms")[1]
    _, *parts = re.split(r"^### In `(\w+)/`$", text.split("\n## ")[0], flags=re.MULTILINE)
    lists = dict(zip(parts[::2], parts[1::2], strict=True))
    return {room: re.findall(r"^\| `(\w+)`", rows, re.MULTILINE) for room, rows in lists.items()}


def test_the_manual_lists_the_rooms_of_each_package_in_the_order_of_their_arrows() -> None:
    listed = rooms_in_the_manual()
    for room, names in listed.items():
        package = f"dse.{room}"
        rooms = {child_of(package, name) for name in PACKAGES} - {""}
        assert sorted(names) == sorted(rooms), room
        arrows = arrows_within(package)
        for place, name in enumerate(names):
            assert not arrows.get(name, set()) & {*names[place:]}, f"{room}: {name}"
    top = (ROOT / "guide" / "architecture.md").read_text().split("### In")[0]
    assert {child_of("dse", name) for name in PACKAGES} - {""} == {
        *re.findall(r"^\| `(\w+)/`", top, re.MULTILINE)
    }
