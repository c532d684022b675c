"""Passwords of URLs are taken out of every text that has one."""

import pytest

from dse.configs.passwords import passwords_taken_out, without_passwords, without_passwords_in
from dse.store.opening.address import parse_address, shown

TEXTS = {
    "postgresql://u:geheim@h/db": "postgresql://u@h/db",
    "postgresql+psycopg://u:geh%40im/x@h:5432/db?sslmode=no": "postgresql+psycopg://u@h:5432/db?sslmode=no",
    "postgresql://u:geh@eim@h/db": "postgresql://u@h/db",
    "postgresql://:geheim@h/db": "postgresql://@h/db",
    "postgresql://h/db?user=u&password=geheim&sslmode=no": "postgresql://h/db?user=u&sslmode=no",
    "postgresql://h/db?sslpassword=geheim": "postgresql://h/db?",
    "sweep 'store.url=postgres://u:geheim@h/db' a=b": "sweep 'store.url=postgres://u@h/db' a=b",
    "to_optuna=mysql://u:geheim@h/a store.url=postgresql://v:geheim@h/b": (
        "to_optuna=mysql://u@h/a store.url=postgresql://v@h/b"
    ),
    "sqlite:///a:b@c.db": "sqlite:///a:b@c.db",
    "outputs/dse.db": "outputs/dse.db",
    "mail a:b@c": "mail a:b@c",
}


@pytest.mark.parametrize(("text", "clean"), TEXTS.items())
def test_texts_without_passwords(text, clean):
    assert without_passwords(text) == clean
    assert without_passwords(clean) == clean
    assert without_passwords_in({"a": [text, 1, None]}) == {"a": [clean, 1, None]}


def test_a_shown_address_has_no_password():
    for text in TEXTS:
        if text.startswith("postgresql") and "?" not in text:
            assert "geh" not in shown(parse_address(text))


def test_urls_are_known_again_by_what_is_left_of_them():
    words = ["store.url=postgresql://u:geheim@h/db", "trials=3"]
    left, secrets = passwords_taken_out(words)
    assert left == ["store.url=postgresql://u@h/db", "trials=3"]
    assert secrets == {"postgresql://u@h/db": "postgresql://u:geheim@h/db"}
