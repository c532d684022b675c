"""What tests of pages share."""

import pytest


@pytest.fixture
def page(request, tmp_path):
    """Writes the `PAGE` of a test's module to a file, with a text of it replaced."""

    def write(old="", new=""):
        text = request.module.PAGE
        assert old in text
        path = tmp_path / "mine.yaml"
        path.write_text(text.replace(old, new, 1))
        return path

    return write
