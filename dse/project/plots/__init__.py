"""A call a kind of picture: what it shows is read from a store, a space or a model, then drawn.

Each returns a Plotly figure; `dse.plots` has them by the names of the commands.
"""
