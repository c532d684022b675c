"""What the README and the manual show happens: commands, Python, tables, links."""

import os
import re
import shutil
import subprocess

import pytest

from tests.guide.generated import every_command, with_tables
from tests.guide.manual import PAGES, README, ROOT, PageRun, comparable, fences
from tests.guide.stand_in import stand_in_shell

TEXTS = {"README": README.read_text()} | {name: path.read_text() for name, path in PAGES.items()}


@pytest.mark.parametrize("page", TEXTS)
def test_a_page_shows_what_happens(page, tmp_path, monkeypatch):
    monkeypatch.delenv("COLUMNS", raising=False)
    with stand_in_shell() as shell:
        for step in PageRun(TEXTS[page], tmp_path, shell).steps():
            if step.fence.language != "python":
                shown, printed = (
                    comparable(step.source, lines) for lines in (step.shown, step.printed)
                )
                assert printed == shown, step.source
            fails = any(line.startswith("error: ") for line in step.shown)
            assert (step.status != 0) == fails, step.source


@pytest.mark.parametrize("page", TEXTS)
def test_the_tables_of_a_page_are_those_of_the_registries(page):
    assert with_tables(TEXTS[page]) == TEXTS[page], f"python -m tests.guide {page}"


def typed(commands, place, shell):
    """Return the words that `dse` gets of each command line in a shell."""
    stand_in, said = place / "dse", place / "words"
    stand_in.write_text(f"#!/bin/sh\nprintf '%s\\0' \"$@\" >> {said}\necho >> {said}\n")
    stand_in.chmod(0o755)
    said.write_text("")
    (place / "outputs").mkdir(exist_ok=True)
    environment = {**os.environ, "PATH": f"{place}{os.pathsep}{os.environ['PATH']}"}
    found = {}
    for command in commands:
        subprocess.run([shell, "-c", command], cwd=place, env=environment, capture_output=True)
        found[command] = said.read_text()
        assert found[command], f"{shell} calls no dse: {command}"
        said.write_text("")
    return found


def examples_of_help():
    """Return the command lines that the help of each command shows."""
    texts = [command.help or "" for command in every_command().values()]
    texts += [page.read_text().replace("#   dse", "  dse") for page in ROOT.glob("conf/*.yaml")]
    joined = "\n".join(texts).replace("\n    --", " --")
    found = re.findall(r"(?:: +|^ +)(dse [a-z]+ .*)$", joined, flags=re.MULTILINE)
    return [re.sub(r"  +[a-z ]+$", "", example) for example in found]


def test_every_command_says_the_same_to_zsh(tmp_path):
    if shutil.which("zsh") is None:
        pytest.skip("zsh is not installed, so that its reading of the manual is not known")
    shown = [c for text in TEXTS.values() for fence in fences(text) for c in fence.commands]
    helped = examples_of_help()
    assert len(helped) > 20
    # What needs another command, or a home that is set up, comes to no dse in an empty directory.
    by_itself = re.compile(r"(\w+=\S* )*dse ")
    commands = dict.fromkeys(
        c for c in [*shown, *helped] if by_itself.match(c) and not re.search(r"\$\(|~/", c)
    )
    assert len(commands) > 200
    assert typed(commands, tmp_path, "zsh") == typed(commands, tmp_path, "bash")


def anchors(text):
    """Return the anchors of the headings of a page, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", re.sub(r"^```.*?^```", "", text, flags=re.S | re.M), re.M)
    plain = (re.sub(r"[^\w\- ]", "", heading.lower()) for heading in headings)
    return {heading.replace(" ", "-") for heading in plain}


@pytest.mark.parametrize(
    "path", [README, ROOT / ".github" / "CONTRIBUTING.md", *PAGES.values()], ids=lambda p: p.stem
)
def test_every_link_leads_somewhere(path):
    text = re.sub(r"^```.*?^```", "", path.read_text(), flags=re.S | re.M)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if target.startswith(("https://", "mailto:")):
            continue
        file, _, anchor = target.partition("#")
        found = (path.parent / file).resolve() if file else path
        assert found.exists(), f"{path.name}: {target}"
        if anchor:
            assert anchor in anchors(found.read_text()), f"{path.name}: {target}"
