"""Runs torchstat, in a process of its own since it replaces `__call__` of PyTorch's classes.

Prints one JSON object: for each model named on the command line its rows, or its error.
"""

import contextlib
import io
import json
import sys

import torch
from torchstat import ModelStat

from tests.counting.conventions.models import real_model, shape


def rows(model, size):
    try:
        with contextlib.redirect_stdout(io.StringIO()), torch.no_grad():
            nodes = ModelStat(model, size)._analyze_model()
    finally:
        for kind in {type(module) for module in model.modules()}:
            if "__call__" in vars(kind):
                del kind.__call__
    return [
        [
            node.name,
            node.input_shape,
            node.output_shape,
            int(node.parameter_quantity),
            float(node.inference_memory),
            int(node.MAdd),
            int(node.Flops),
            *map(int, node.Memory),
        ]
        for node in nodes
    ]


def main():
    torch.set_num_threads(1)
    found = {}
    for name in sys.argv[1:]:
        try:
            found[name] = rows(real_model(name), shape(name)[1:])
        except (AssertionError, AttributeError, RuntimeError) as error:
            found[name] = type(error).__name__
    print(json.dumps(found))


if __name__ == "__main__":
    main()
