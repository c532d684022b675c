import json

from tests.space import golden


def test_every_shipped_variant_costs_the_same_integers_as_before():
    """Where a change is meant: python -m tests.space.golden"""
    recorded = json.loads(golden.FILE.read_text())
    assert golden.current() == recorded
