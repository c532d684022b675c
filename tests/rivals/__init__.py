"""Strong samplers of others beside ours, on tables of measured candidates.

`python -m tests.rivals` runs the contest; `python -m tests.rivals --help` says what else it does.
"""
