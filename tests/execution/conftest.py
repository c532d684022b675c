"""One Ray for all tests of a session that need no other."""

import shutil
import tempfile

import pytest
import ray
from ray.cluster_utils import Cluster


@pytest.fixture(scope="session")
def cluster():
    """A cluster of one machine, which this process is connected to."""
    # Names of sockets are short: pytest's own folders are too deep.
    folder = tempfile.mkdtemp(prefix="dse-ray-")
    options = {"num_cpus": 2, "include_dashboard": False, "temp_dir": folder}
    nodes = Cluster(initialize_head=True, head_node_args=options)
    connect(nodes)
    yield nodes
    ray.shutdown()
    nodes.shutdown()
    shutil.rmtree(folder, ignore_errors=True)


def connect(nodes: Cluster) -> None:
    """Connect this process to a cluster."""
    ray.init(nodes.address, log_to_driver=False, logging_level="ERROR")
