"""Commands of SLURM that run jobs as processes of this machine, which has no SLURM.

`sbatch`, `srun`, `sacct` and `scancel` do what their manual pages say of the options that submitit
gives them. Files in the folder of `SLURM_STAND_IN` are the state of the cluster: a folder for each
job, with what was submitted and the processes of its elements.
"""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

COMMANDS = ("sbatch", "srun", "sacct", "scancel")


def install(folder: Path) -> None:
    """Write the commands into a folder, for the search path."""
    for command in COMMANDS:
        file = folder / command
        file.write_text(f'#!/bin/sh\nexec {sys.executable} {__file__} {command} "$@"\n')
        file.chmod(0o755)


def state() -> Path:
    """Return the folder of the cluster's state."""
    return Path(os.environ["SLURM_STAND_IN"])


def options(script: str) -> dict[str, str]:
    """Return what a script says in `#SBATCH` lines."""
    found = re.findall(r"^#SBATCH --([\w-]+)(?:=(.*))?$", script, flags=re.MULTILINE)
    return {name: value.strip("'") for name, value in found}


def sbatch(file: str) -> None:
    """Start a job, an element for each index of its array."""
    script = Path(file).read_text()
    job = 1 + len(list(state().glob("[0-9]*")))
    folder = state() / str(job)
    folder.mkdir()
    (folder / "script").write_text(script)
    array = options(script).get("array")
    last = int(re.match(r"0-(\d+)", array)[1]) if array else 0
    for index in range(last + 1):
        variables = {"SLURM_JOB_ID": f"{job}", "SLURM_NTASKS": "1", "SLURM_JOB_NUM_NODES": "1"}
        variables |= {"SLURM_NODEID": "0", "SLURM_PROCID": "0", "SLURM_LOCALID": "0"}
        if array:
            variables |= {"SLURM_ARRAY_JOB_ID": f"{job}", "SLURM_ARRAY_TASK_ID": f"{index}"}
        element = subprocess.Popen(
            ["bash", file],
            env={**os.environ, **variables},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        name = f"{job}_{index}" if array else f"{job}"
        (folder / name).write_text(str(element.pid))
    print(f"Submitted batch job {job}")


def srun(*words: str) -> None:
    """Run a command in the place of this one."""
    words = list(words)
    while words[0].startswith("--"):
        option = words.pop(0)
        if option in ("--output", "--error"):
            words.pop(0)
    os.execvp(words[0], words)


def sacct(*words: str) -> None:
    """Say how all jobs are, whichever are asked for."""
    print("JobID|State|NodeList")
    for file in state().glob("[0-9]*/[0-9]*"):
        runs = Path(f"/proc/{file.read_text()}").exists()
        print(f"{file.name}|{'RUNNING' if runs else 'COMPLETED'}|here")


def scancel(job: str) -> None:
    """End a job, or an element of one."""
    folder = state() / job.partition("_")[0]
    (folder / "cancelled").touch()
    os.killpg(int((folder / job).read_text()), signal.SIGKILL)


if __name__ == "__main__":
    globals()[sys.argv[1]](*sys.argv[2:])
