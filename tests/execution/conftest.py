"""One Ray for all tests of a session that need no other."""

import shutil
import tempfile

import pytest
import ray
from ray.cluster_utils import Cluster


@pytest.fixture(scope="session")
def cluster():
    """A cluster of one machine."""
    # Names of sockets are short: pytest's own folders are too deep.
    folder = tempfile.mkdtemp(prefix="dse-ray-")
    options = {"num_cpus": 2, "include_dashboard": False, "temp_dir": folder}
    nodes = Cluster(initialize_head=True, head_node_args=options)
    yield nodes
    ray.shutdown()
    nodes.shutdown()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def connected(cluster):
    """The cluster, with this process connected to it."""
    if not ray.is_initialized():
        ray.init(cluster.address, log_to_driver=False, logging_level="ERROR")
    return cluster
