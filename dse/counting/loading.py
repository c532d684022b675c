"""What processes that trace or train networks load before they are started, by its name."""

FIRST_DISPATCH = "dse.counting.first_dispatch"
"""PyTorch, with what it loads where a network is first traced or trained: seconds of a process."""
