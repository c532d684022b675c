"""The README is for a minute: short, with two commands that do what they say."""

import re

from tests.guide.manual import PAGES, README, ROOT, fences

TEXT = README.read_text()


def setup_commands():
    return re.findall(r"```sh\n(.*?)\n```", TEXT, flags=re.DOTALL)[:2]


def test_it_is_read_in_a_minute():
    assert 150 <= len(TEXT.splitlines()) <= 200


def test_continuous_integration_runs_the_test_command_word_for_word():
    _, tests = setup_commands()
    assert tests in (ROOT / ".ci" / "run").read_text().splitlines()


def test_the_main_job_is_shown_with_what_it_prints():
    main, _ = setup_commands()
    assert main.startswith("python3 -m venv .venv && .venv/bin/pip install . && ")
    texts = [TEXT, PAGES["tour"].read_text()]
    shown = [command for text in texts for fence in fences(text) for command in fence.commands]
    for part in main.split(" && ")[2:]:
        assert part.removeprefix(".venv/bin/") in shown
