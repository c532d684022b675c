"""NAS-Bench-201 written by hand: its networks as plain modules, and which cells are the same."""

import itertools

import torch
from torch import nn

OPERATIONS = ("none", "skip_connect", "nor_conv_1x1", "nor_conv_3x3", "avg_pool_3x3")
EDGES = ((1, 0), (2, 0), (2, 1), (3, 0), (3, 1), (3, 2))
COLUMNS = tuple(f"op_{node}_{source}" for node, source in EDGES)


def relu_conv_norm(before, behind, kernel, stride=1):
    conv = nn.Conv2d(before, behind, kernel, stride, kernel // 2, bias=False)
    return nn.Sequential(nn.ReLU(), conv, nn.BatchNorm2d(behind))


def operation(name, channels):
    return {
        "skip_connect": nn.Identity,
        "nor_conv_1x1": lambda: relu_conv_norm(channels, channels, 1),
        "nor_conv_3x3": lambda: relu_conv_norm(channels, channels, 3),
        "avg_pool_3x3": lambda: nn.AvgPool2d(3, 1, 1, count_include_pad=False),
    }[name]()


class PlainCell(nn.Module):
    def __init__(self, arch, channels):
        super().__init__()
        self.edges = nn.ModuleDict(
            {
                f"{node}_{source}": operation(name, channels)
                for (node, source), name in zip(EDGES, arch, strict=True)
                if name != "none"
            }
        )

    def forward(self, x):
        values = [x]
        for node in (1, 2, 3):
            value = torch.zeros_like(x)
            for source in range(node):
                if f"{node}_{source}" in self.edges:
                    value = value + self.edges[f"{node}_{source}"](values[source])
            values.append(value)
        return values[-1]


class PlainReduction(nn.Module):
    def __init__(self, before, behind):
        super().__init__()
        self.first = relu_conv_norm(before, behind, 3, 2)
        self.second = relu_conv_norm(behind, behind, 3)
        self.pool = nn.AvgPool2d(2, 2)
        self.shortcut = nn.Conv2d(before, behind, 1, bias=False)

    def forward(self, x):
        return self.shortcut(self.pool(x)) + self.second(self.first(x))


def plain_network(arch, cells):
    """The network of a cell, with so many of them in a stage."""
    layers = [nn.Conv2d(3, 16, 3, padding=1, bias=False), nn.BatchNorm2d(16)]
    for channels in (16, 32, 64):
        if channels > 16:
            layers.append(PlainReduction(channels // 2, channels))
        layers += [PlainCell(arch, channels) for _ in range(cells)]
    head = [nn.BatchNorm2d(64), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten()]
    return nn.Sequential(*layers, *head, nn.Linear(64, 10))


def sums_of(arch):
    """What each node adds, by the node; the node that leaves, None for zeros."""
    stands_for, sums = {0: 0}, {}
    for node in (1, 2, 3):
        terms = [
            (stands_for[source], "" if name == "skip_connect" else name)
            for (into, source), name in zip(EDGES, arch, strict=True)
            if into == node and name != "none" and stands_for[source] is not None
        ]
        if not terms:
            stands_for[node] = None
        elif len(terms) == 1 and terms[0][1] == "":
            stands_for[node] = terms[0][0]
        else:
            stands_for[node], sums[node] = node, terms
    return sums, stands_for[3]


def form_of(arch):
    """The same text for cells that are the same but for names of nodes and the order of terms."""
    sums, last = sums_of(arch)
    needed = {last}
    for node in (3, 2, 1):
        if node in needed and node in sums:
            needed |= {source for source, _ in sums[node]}
    inner = sorted(node for node in sums if node in needed and node != last)
    forms = []
    for names in itertools.permutations("ab"[: len(inner)]):
        named = {None: "zeros", 0: "in", **dict(zip(inner, names, strict=True)), last: "out"}
        named[0] = "in"
        forms.append(
            repr(
                sorted(
                    (named[node], sorted((named[source], name) for source, name in terms))
                    for node, terms in sums.items()
                    if node in needed
                )
            )
            + named[last]
        )
    return min(forms)


def formula_of(arch):
    """The benchmark's own rule: `Structure.to_unique_str(consider_zero=True)` of its code."""
    formulas = {0: "0"}
    for node in (1, 2, 3):
        terms = []
        for (into, source), name in zip(EDGES, arch, strict=True):
            if into != node:
                continue
            if name == "none" or formulas[source] == "#":
                terms.append("#")
            elif name == "skip_connect":
                terms.append(formulas[source])
            else:
                terms.append(f"({formulas[source]})@{name}")
        formulas[node] = "+".join(sorted(terms))
    return formulas[3]
