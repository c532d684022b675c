"""`python -m dse`: the same as `dse`."""

import runpy

if __name__ == "__main__":
    runpy.run_module("dse.cli.main", run_name="__main__")
