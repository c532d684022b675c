"""The `dse` command: one word a verb, each in a module of its own that loads only what it needs."""

from __future__ import annotations

import copy
import functools
import gc
import importlib
import os
import sys
import traceback
import warnings
from collections.abc import Sequence
from typing import Annotated, Any

import typer

from dse.cli.blocks import blocks
from dse.cli.check import check
from dse.cli.common_options import OF_ALL_COMMANDS
from dse.cli.compare import compare
from dse.cli.completion import COMPLETION_VARIABLE, completion, print_completions
from dse.cli.composition import own_directory, told_of_usage
from dse.cli.correlate import correlate
from dse.cli.count import count
from dse.cli.counted import with_real
from dse.cli.diff import diff
from dse.cli.export import export
from dse.cli.families import families
from dse.cli.first_steps import FIRST_STEPS
from dse.cli.forget import forget
from dse.cli.guide import guide
from dse.cli.import_ import import_
from dse.cli.init import init
from dse.cli.pareto import pareto
from dse.cli.plotting import plot
from dse.cli.printing import silence, tell
from dse.cli.query import query
from dse.cli.report import report
from dse.cli.rerun import rerun
from dse.cli.runs import runs
from dse.cli.serve import serve
from dse.cli.show import show
from dse.cli.status import status
from dse.cli.terminal import ReaderGone, UnwritableOutput, doors
from dse.cli.trials import trials
from dse.cli.upgrade import upgrade
from dse.cli.worker import worker
from dse.errors import DseError, RanOnData, UnknownCostWarning

app = typer.Typer(
    name="dse",
    help="Find the neural network architectures that fit a compute budget.",
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

INTERRUPTED = 130
"""The status of a command that Ctrl-C ended, as shells have it."""

_HYDRA_COMMAND = {"ignore_unknown_options": True, "allow_extra_args": True, "help_option_names": []}


@app.callback(invoke_without_command=True)
def begin(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    """Find the neural network architectures that fit a compute budget."""
    if version:
        # Found among all that is installed, which other commands need not look at.
        from dse import __version__

        print(f"dse {__version__}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        print(FIRST_STEPS)


@app.command(context_settings=_HYDRA_COMMAND, add_help_option=False)
def sweep(context: typer.Context) -> None:
    """Cost every candidate of a family's grid and store it.

    A Hydra application: `dse sweep --help` explains its keys.

    Example: dse sweep family=mobilenet_v2 'grid.width=[0.5,1.0]' budget.macs=200M
    """
    _hydra("sweep", context.args)


@app.command(context_settings=_HYDRA_COMMAND, add_help_option=False)
def search(context: typer.Context) -> None:
    """Find the best candidates of a family's grid under a budget.

    A Hydra application: `dse search --help` explains its keys.

    Example: dse search family=mobilenet_v2 budget.macs=150M trials=30
    """
    _hydra("search", context.args)


@app.command(context_settings=_HYDRA_COMMAND, add_help_option=False)
def space(context: typer.Context) -> None:
    """Tell how large a space is, what its candidates cost and how many fit a budget.

    A Hydra application: `dse space --help` explains its keys. It stores no candidates.

    Example: dse space family=ofa_mobilenet_v3 'budget.macs=[300M,315M]'
    """
    _hydra("space", context.args)


@app.command(context_settings=_HYDRA_COMMAND, add_help_option=False)
def fit(context: typer.Context) -> None:
    """Tell how large a batch, context or network of a family fits a device.

    A Hydra application: `dse fit --help` explains its keys. It stores nothing.

    Example: dse fit family=llama variant=llama_3_1_8b device=h100_sxm cost=decode
    """
    _hydra("fit", context.args)


@app.command("import-blocks", context_settings=_HYDRA_COMMAND, add_help_option=False)
def import_blocks(context: typer.Context) -> None:
    """Take numbers of blocks, such as latencies on a device, from a file.

    A Hydra application: `dse import-blocks --help` explains its keys.

    Example: dse import-blocks timed.csv family=mobilenet_v2 device=pixel6 unit=ms
    """
    _hydra("import-blocks", context.args)


@app.command(context_settings=_HYDRA_COMMAND, add_help_option=False)
def measure(context: typer.Context) -> None:
    """Time each distinct block of a space on this machine, for budgets of latency.

    A Hydra application: `dse measure --help` explains its keys.

    Example: dse measure family=ofa_mobilenet_v3 grid.resolution=224
    """
    _hydra("measure", context.args)


@app.command(context_settings=_HYDRA_COMMAND, add_help_option=False)
def supernet(context: typer.Context) -> None:
    """Train one network whose parts all candidates of a space share.

    A Hydra application: `dse supernet --help` explains its keys. It stores no candidates.

    Example: dse supernet family=nats_size supernet.epochs=20 supernet.output=size.pt
    """
    _hydra("supernet", context.args)


@functools.cache
def _hydra_words() -> frozenset[str]:
    hydra = [c for c in app.registered_commands if c.context_settings is _HYDRA_COMMAND]
    return frozenset(c.name or c.callback.__name__ for c in hydra if c.callback is not None)


def _hydra(name: str, words: Sequence[str]) -> None:
    if {"--help", "-h"} & set(words):
        from dse.cli.composition import help_of

        print(help_of(name, own_directory(words)), end="")
        return
    importlib.import_module(f"dse.cli.{name.replace('-', '_')}").main(words)


for command in (
    blocks,
    check,
    compare,
    completion,
    correlate,
    count,
    diff,
    export,
    families,
    forget,
    guide,
    init,
    pareto,
    query,
    report,
    rerun,
    runs,
    serve,
    show,
    status,
    trials,
    upgrade,
    worker,
):
    app.command(epilog=OF_ALL_COMMANDS)(command)
app.command("import", epilog=OF_ALL_COMMANDS)(import_)
app.add_typer(plot)


@functools.cache
def command_tree() -> Any:
    """Return the command as Typer runs it: `commands` by name, each with its `params`."""
    return typer.main.get_command(app)


@functools.cache
def _branches() -> dict[str, typer.Typer]:
    """Return each command alone by its word: all together take Typer longer to make than to run."""
    found = {}
    for command in app.registered_commands:
        assert command.callback is not None
        word = command.name or typer.main.get_command_name(command.callback.__name__)
        found[word] = copy.copy(app)
        found[word].registered_commands, found[word].registered_groups = [command], []
    for group in app.registered_groups:
        assert group.typer_instance is not None
        word = str(group.typer_instance.info.name)
        found[word] = copy.copy(app)
        found[word].registered_commands, found[word].registered_groups = [], [group]
    return found


@functools.cache
def _branch(word: str) -> Any:
    return typer.main.get_command(_branches()[word])


def tree_of_words(words: Sequence[str]) -> Any:
    """Return the command with what these words name, or with everything where they name nothing."""
    return _branch(words[0]) if words and words[0] in _branches() else command_tree()


def main(arguments: Sequence[str] | None = None) -> None:
    """Run `dse` with the words of the command line; errors are one line and a non-zero status."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if COMPLETION_VARIABLE in os.environ:
        print_completions(app, os.environ[COMPLETION_VARIABLE])
        return
    # What a start makes stays: to look for cycles among it as often takes a twentieth of its time.
    gc.set_threshold(max(5_000, gc.get_threshold()[0]), *gc.get_threshold()[1:])
    with doors(), warnings.catch_warnings():
        # Commands say what these say themselves.
        warnings.simplefilter("ignore", UnknownCostWarning)
        warnings.simplefilter("ignore", RanOnData)
        _run(words)


def _run(words: list[str]) -> None:
    status: object = 0
    is_debugged, is_silent = "--debug" in words, "--quiet" in words
    words = [word for word in words if word not in ("--debug", "--quiet")]
    try:
        typed = with_real(words) if words[:1] == ["count"] else words
        with silence(is_silent):
            if typed and typed[0] in _hydra_words():
                # Typer would take longer to make ready than all else before Hydra. As it has them,
                # options end with `--`, which is no word itself.
                _hydra(typed[0], [word for word in typed[1:] if word != "--"])
            else:
                tree = tree_of_words(typed)
                status = tree(typed, prog_name="dse", standalone_mode=False, obj=words)
        sys.stdout.flush()
    except DseError as error:
        if is_debugged:
            traceback.print_exc()
        _fail(str(error), 1)
    except typer.Exit as done:
        status = done.exit_code
    except typer.TyperException as error:
        _fail(told_of_usage(error), error.exit_code)
    except (KeyboardInterrupt, typer.Abort):
        status = INTERRUPTED
    except (ReaderGone, BrokenPipeError):
        _leave_output()
        status = 141
    # Typer turns the interruption of a command into this status, and says nothing.
    if status == INTERRUPTED:
        _fail("interrupted; run the same command again to continue", INTERRUPTED)
    sys.exit(status if isinstance(status, int) else 0)


def _leave_output() -> None:
    """Let what is left go nowhere: closing standard output must not complain once more."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _fail(message: str, status: int) -> None:
    tell(f"error: {' '.join(message.split())}")
    try:
        sys.stdout.flush()
    except (UnwritableOutput, ReaderGone):
        _leave_output()
    sys.exit(status)


if __name__ == "__main__":
    main()
