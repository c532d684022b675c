"""A script needs no guard against being run once more by the processes that it starts."""

import subprocess
import sys

from tests.cli.command import environment

SCRIPT = """
import dse

print("begun")
project = dse.open("script.db")
models = {"name": ["alexnet", "squeezenet1_1"], "resolution": [64]}
swept = project.sweep(dse.design_space("torchvision_model", grid=models))
space = dse.design_space("mlp", grid={"width": [8, 16, 32], "resolution": [8]})
study = project.search(space, objective="naswot", trials=3, workers=2)
print(swept.summary.stored, len(study.trials), study.trials["outcome"].unique().to_list())
"""


def test_processes_do_not_run_the_script(tmp_path):
    (tmp_path / "script.py").write_text(SCRIPT)
    done = subprocess.run(
        [sys.executable, "script.py"],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
    )
    assert done.stdout.splitlines() == ["begun", "2 3 ['done']"], done.stderr
