"""Whatever a model raises, wherever it does: one line, in every command that runs models."""

import builtins
import importlib
import sys
import textwrap
from pathlib import Path

import pytest

import dse
from dse.cli.counted.counted_models import build_model, load_target
from dse.errors import DseError
from dse.space import Invalid, cost_of, load_family
from tests.cli.command import dse as run
from tests.cli.command import refused

CODE = """
import os, sys, torch
from torch import nn

FAILS_AT = os.environ["FAILS_AT"]

def fail():
    {raising}

if FAILS_AT == "import":
    fail()

class Net(nn.Module):
    def __init__(self, in_channels: int = 3, channels: int = 4):
        super().__init__()
        if FAILS_AT == "constructor":
            fail()
        self.convolution = nn.Conv2d(in_channels, channels, 1)

    def forward(self, maps):
        if FAILS_AT == "forward" or FAILS_AT == "training" and self.training:
            fail()
        return self.convolution(maps)

class Backwards(torch.autograd.Function):
    @staticmethod
    def forward(ctx, maps):
        return maps * 1

    @staticmethod
    def backward(ctx, gradient):
        fail()

class Back(Net):
    def forward(self, maps):
        return Backwards.apply(super().forward(maps))

def build():
    return Net()
"""

PLACES = ("import", "constructor", "forward", "training")
_ARGUMENTS = {"UnicodeDecodeError": "('utf-8', b'x', 0, 1, 'bad')",
              "UnicodeEncodeError": "('utf-8', 'x', 0, 1, 'bad')",
              "UnicodeTranslateError": "('x', 0, 1, 'bad')"}  # fmt: skip
BUILTIN_ERRORS = sorted(
    name
    for name, value in vars(builtins).items()
    if isinstance(value, type)
    and issubclass(value, Exception)
    and value.__name__ == name
    and not issubclass(value, Warning)
    and not name.endswith("Group")
)
RAISING = {
    **{name: f"raise {name}{_ARGUMENTS.get(name, '(1)')}" for name in BUILTIN_ERRORS},
    "SystemExit": "sys.exit(0)",
    "endless recursion": "fail()",
    "a base exception": "raise type('Odd', (BaseException,), {})('odd')",
    "an error without a text": (
        "raise type('Mute', (Exception,), {'__str__': lambda self: 1 / 0})('x')"
    ),
    "several lines": "raise RuntimeError('first\\nsecond')",
    "an escape sequence": "raise RuntimeError('\\x1b[31mred\\x9b\\udc80')",
    "an unpacking": "a, b = 1,",
    "a lookup": "return [][1]",
    "an assertion of torch": "torch._assert(False, 'sizes')",
}


@pytest.fixture
def write(tmp_path, monkeypatch):
    """Writes the module of a model that fails in a way, at a place; returns its name."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    written = []

    def write(raising: str, place: str) -> str:
        monkeypatch.setenv("FAILS_AT", place)
        name = f"failing_{len(written)}_{abs(hash((raising, place)))}"
        written.append(name)
        (tmp_path / f"{name}.py").write_text(CODE.format(raising=raising))
        importlib.invalidate_caches()
        return name

    yield write
    for name in written:
        sys.modules.pop(name, None)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("kind", RAISING)
def test_count_tells_any_error_in_one_line(write, kind, place):
    name = write(RAISING[kind], place)
    words = ("count", f"{name}.py:Net", "--input", "3,4,4", "--training")
    line = refused(Path(), *words)
    assert line.isprintable()
    if kind in BUILTIN_ERRORS and kind not in ("RuntimeError", "ValueError"):
        assert kind in line


def test_what_cannot_be_trained_still_costs_something_to_run(write):
    name = write(RAISING["SystemExit"], "training")
    done = run(Path(), "count", f"{name}.py:Net", "--input", "3,4,4")
    assert "it cannot be trained" in done.stdout


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("kind", ["AssertionError", "SystemExit", "endless recursion", "KeyError"])
def test_python_gets_one_class_of_error(write, kind, place):
    name = write(RAISING[kind], place)
    with pytest.raises(DseError):
        _ = dse.count(build_model(load_target(f"{name}.Net"), {}), (1, 3, 4, 4)).train_memory
    page = PAGE.format(name=name)
    if place in ("import", "constructor", "forward"):
        Path("own.yaml").write_text(page)
        with pytest.raises(DseError):
            dse.build("own.yaml", allow=[name])


PAGE = """\
axes: {{resolution: 4}}
input: [3, resolution, resolution]
blocks:
  - {{block: {name}.Net, channels: 4}}
"""
CALLABLE = """\
kind: callable
target: {name}.build
axes: {{resolution: 4}}
input: [3, resolution, resolution]
"""


@pytest.mark.parametrize("place", ["import", "constructor", "forward"])
@pytest.mark.parametrize(
    ("page", "kind"),
    [(PAGE, "ZeroDivisionError"), (PAGE, "SystemExit"), (CALLABLE, "SystemExit")],
    ids=["block-error", "block-exit", "callable-exit"],
)
def test_a_page_with_a_model_that_fails(write, page, kind, place):
    name = write(RAISING[kind], place)
    Path("family").mkdir()
    Path("family/own.yaml").write_text(page.format(name=name))
    assert refused(Path(), "check", "family/own.yaml", "--allow", name).isprintable()
    words = ("--config-dir", ".", "family=own", "grid=none", f"allow=[{name}]")
    if place == "import":
        for command in ("space", "sweep", "search"):
            refused(Path(), command, *words)
    elif page is CALLABLE:
        candidate = load_family(Path("family/own.yaml"), [name]).resolve({"resolution": 4})
        assert isinstance(cost_of(candidate), Invalid)
    else:
        # A candidate that cannot be built is stored as such, and where all are, the sweep says it.
        assert "1 invalid" in run(Path(), "sweep", *words, status=1).stdout


def test_a_training_step_that_fails_on_its_way_back(write):
    name = write(RAISING["LookupError"], "backward")
    line = refused(Path(), "count", f"{name}.py:Back", "--input", "3,4,4", "--training")
    assert "LookupError: 1" in line


def test_what_pytorch_logs_of_an_error_is_not_printed_besides(tmp_path):
    words = ("torch.nn.LayerNorm", "normalized_shape=0", "--input", "4x8", "--precision", "mixed")
    refused(tmp_path, "count", *words, "--training")


@pytest.mark.parametrize("place", PLACES)
def test_an_interruption_stays_one(write, place):
    name = write("raise KeyboardInterrupt", place)
    words = ("count", f"{name}.py:Net", "--input", "3,4,4", "--training")
    assert "interrupted" in refused(Path(), *words, status=130)


SWALLOWING = """
import torch
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.mix = nn.Linear(3, 4)
        try:
            self.largest = float(self.mix.weight.abs().max())
        except RuntimeError:
            raise KeyError("no grid without numbers")

    def forward(self, x):
        return self.mix(x)
"""


def test_a_constructor_that_hides_the_refusal_of_the_meta_device_gets_real_weights(tmp_path):
    (tmp_path / "net.py").write_text(SWALLOWING)
    assert "params" in run(tmp_path, "count", "net.py:Net", "--input", "3").stdout
    (tmp_path / "family").mkdir()
    (tmp_path / "family" / "own.yaml").write_text(
        "axes: {width: 3}\ninput: [width]\nblocks: [{block: net_of_meta.Net}]\n"
    )
    (tmp_path / "net_of_meta.py").write_text(SWALLOWING)
    words = ("--config-dir", ".", "family=own", "grid=none", "allow=[net_of_meta]")
    assert "invalid" not in run(tmp_path, "sweep", *words).stdout


FILES = {
    "a syntax error": "class Net(:\n",
    "no end": "def build(",
    "a null byte": "x = '\0'\n",
    "not UTF-8": "# \udce9\n",
    "a wrong indentation": "def build():\nreturn 1\n",
    "deep nesting": f"x = {'(' * 5000}",
    "nothing": "",
}


@pytest.mark.parametrize("content", FILES.values(), ids=FILES)
def test_a_file_that_is_no_python(tmp_path, content):
    (tmp_path / "net.py").write_bytes(content.encode(errors="surrogateescape"))
    line = refused(tmp_path, "count", "net.py:Net")
    assert line.startswith("error: net")


def test_a_file_that_cannot_be_read(tmp_path):
    (tmp_path / "directory.py").mkdir()
    assert "is a directory" in refused(tmp_path, "count", "directory.py:Net")
    # Nobody, not even root, may read this one from its beginning.
    (tmp_path / "memory.py").symlink_to("/proc/self/mem")
    assert "memory.py: OSError" in refused(tmp_path, "count", "memory.py:Net")
    refused(tmp_path, "count", f"{'n' * 300}.py:Net")


def test_what_a_model_prints_does_not_get_into_the_output(tmp_path):
    code = """
    import torch
    print("at import")
    class Net(torch.nn.Linear):
        def __init__(self):
            print("in the constructor")
            super().__init__(3, 4)
        def forward(self, x):
            print("in forward")
            return super().forward(x)
    """
    (tmp_path / "net.py").write_text(textwrap.dedent(code))
    for format in ("json", "csv", "markdown", "table"):
        done = run(tmp_path, "count", "net.py:Net", "--input", "3", "--format", format)
        for place in ("at import", "in the constructor", "in forward"):
            assert place not in done.stdout
            assert place in done.stderr
