"""`python -m dse`: the same as `dse`."""

from dse.cli.main import main

main()
