"""Pictures as Plotly figures: one pure function a kind, from plain values.

Nothing here asks a store or a space, so that a page of many pictures can use any of them.
"""
