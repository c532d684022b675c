"""Layers of two networks are paired: first those that are equal, then those of one type."""

from dse.project.networks.layer_matching import ComparedLayer, difference_lines, match_layers


def conv(name, size, channels=8):
    return ComparedLayer(name, "Conv2d", f"1×{channels}×{size}×{size}", 72 * channels, size * size)


def norm(name, size):
    return ComparedLayer(name, "BatchNorm2d", f"1×8×{size}×{size}", 16, 0)


HEAD = ComparedLayer("head", "Linear", "1×10", 80, 80)


def test_another_resolution_changes_layers_and_adds_none():
    first = [conv("0", 32), norm("1", 32), HEAD]
    second = [conv("0", 64), norm("1", 64), HEAD]
    assert [pair.mark for pair in match_layers(first, second)] == ["~", "~", " "]
    assert difference_lines(match_layers(first, second)) == [
        "~  0  Conv2d       1×8×32×32 → 1×8×64×64  576  1,024 → 4,096",
        "~  1  BatchNorm2d  1×8×32×32 → 1×8×64×64  16   0",
        "  … 1 the same",
    ]


def test_a_layer_more_is_one_that_the_second_has_alone():
    first = [conv("0", 32), HEAD]
    second = [conv("0", 32), norm("1", 32), HEAD]
    assert [pair.mark for pair in match_layers(first, second)] == [" ", "+", " "]
    assert [pair.mark for pair in match_layers(second, first)] == [" ", "-", " "]


def test_a_layer_that_only_moved_is_the_same():
    first, second = [conv("1", 32), HEAD], [norm("0", 32), conv("2", 32), HEAD]
    pairs = match_layers(first, second)
    assert [pair.mark for pair in pairs] == ["+", " ", " "]
    assert (pairs[1].first.name, pairs[1].second.name) == ("1", "2")


def test_each_layer_is_in_one_pair():
    first = [conv(str(n), 32, 8 + n % 3) for n in range(9)] + [HEAD]
    second = [norm("n", 32), *(conv(str(n), 16 + n, 8) for n in range(5)), HEAD, HEAD]
    pairs = match_layers(first, second)
    assert [pair.first for pair in pairs if pair.first] == first
    assert [pair.second for pair in pairs if pair.second] == second
