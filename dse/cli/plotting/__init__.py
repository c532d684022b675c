"""`dse plot KIND`: pictures of what a store, a space or a model holds."""

from dse.cli.plotting.plot_app import plot as plot

__all__ = ["plot"]
