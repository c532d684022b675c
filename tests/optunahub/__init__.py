"""PoolSampler as a package of OptunaHub: `python -m tests.optunahub FOLDER` builds it."""
