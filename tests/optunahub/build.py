"""Build the package: our modules, made independent, beside what the registry asks for."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import optuna

from tests.optunahub.modules import home, independent, needed, source

HERE = Path(__file__).parent
LICENSE = HERE.parents[1] / "LICENSE"

PLACE = Path("package/samplers/pool_sampler")
"""Where the package lies in the registry."""

SAMPLER = ("dse.search.samplers", "PoolSampler")

REQUIREMENTS = ("optuna>=5", "numpy>=2", "scipy>=1.13", "threadpoolctl>=3.5")

RULES = """
line-length = 99
target-version = "py310"
[lint]
extend-select = ["I"]
[lint.isort]
known-third-party = ["optuna"]
lines-after-imports = 2
force-single-line = true
force-sort-within-sections = true
order-by-type = false
"""
"""The registry's own, by which its checks judge what is offered."""


def build(folder: Path) -> Path:
    """Write the package below a folder, in place of one that is there, and return where it lies."""
    place = folder / PLACE
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    module = home(*SAMPLER)
    for each in needed(module):
        text = source(each).read_text(encoding="utf-8")
        (place / f"{each.rpartition('.')[2]}.py").write_text(independent(text), encoding="utf-8")
    inner, name = module.rpartition(".")[2], SAMPLER[1]
    init = f'from .{inner} import {name}\n\n\n__all__ = ["{name}"]\n'
    (place / "__init__.py").write_text(init, encoding="utf-8")
    readme = (HERE / "readme.md").read_text(encoding="utf-8")
    (place / "README.md").write_text(readme.replace("{optuna}", optuna.__version__), "utf-8")
    (place / "requirements.txt").write_text("\n".join(REQUIREMENTS) + "\n", encoding="utf-8")
    shutil.copyfile(HERE / "example.py", place / "example.py")
    shutil.copyfile(LICENSE, place / "LICENSE")
    formatted(place)
    return place


def formatted(place: Path) -> None:
    """Lay the package out as the registry does.

    Raises:
        subprocess.CalledProcessError: where something is left that its checks refuse.
    """
    rules = place / "ruff.toml"
    rules.write_text(RULES, encoding="utf-8")
    for words in (("check", "--fix"), ("format",), ("check",)):
        ruff = [sys.executable, "-m", "ruff", *words, "--quiet", "--no-cache", str(place)]
        subprocess.run(ruff, check=True)
    rules.unlink()
