"""A wheel carries the configs, and works away from the checkout."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).parent.parent


def test_the_wheel_has_the_configs_and_runs_from_them(tmp_path):
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "-o", str(tmp_path)]
    subprocess.run([*build, str(ROOT)], check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    installed = tmp_path / "site-packages"
    zipfile.ZipFile(wheel).extractall(installed)
    assert (installed / "dse" / "conf" / "family" / "mobilenet_v2.yaml").is_file()
    assert not (installed / "tests").exists()
    command = [sys.executable, "-m", "dse.cli.main", "families", "mobilenet_v2"]
    environment = {**os.environ, "PYTHONPATH": str(installed)}
    printed = subprocess.run(
        command, cwd=tmp_path, env=environment, check=True, capture_output=True, text=True
    ).stdout
    guide = [sys.executable, "-m", "dse", "guide", "tour"]
    shown = subprocess.run(
        guide, cwd=tmp_path, env=environment, check=True, capture_output=True, text=True
    ).stdout
    assert shown == (ROOT / "dse" / "guide" / "tour.md").read_text()
    assert (installed / "dse" / "catalogue" / "index.json").is_file()
    assert (installed / "dse" / "guide" / "notebook.ipynb").is_file()
    assert f"page {installed / 'dse' / 'conf' / 'family' / 'mobilenet_v2.yaml'}" in printed


def test_imports_point_one_way():
    """`cli` → `report`, `search` → `space` → `counting`; the store stands apart."""
    may_import = {
        "counting": set(),
        "space": {"counting"},
        "store": set(),
        "search": {"space", "counting", "store"},
        "report": {"space", "counting", "store", "search"},
    }
    for room, allowed in may_import.items():
        forbidden = {*may_import, "cli"} - allowed - {room}
        for file in (ROOT / "dse" / room).rglob("*.py"):
            for other in forbidden:
                assert f"dse.{other}" not in file.read_text(), f"{file} imports dse.{other}"
