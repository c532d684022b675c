"""Loads what PyTorch loads where an operator is first dispatched to a mode, by being imported."""

from dse.counting.torch_internals import load_dispatch

load_dispatch()
