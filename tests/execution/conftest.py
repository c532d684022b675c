"""One Ray for all tests of this folder that need no other; it has work to do also when idle."""

import pytest
import ray
from ray.cluster_utils import Cluster

from tests.ray_folder import ray_folder


@pytest.fixture(scope="package")
def cluster():
    """A cluster of one machine."""
    with ray_folder():
        nodes = Cluster(
            initialize_head=True, head_node_args={"num_cpus": 2, "include_dashboard": False}
        )
        yield nodes
        ray.shutdown()
        nodes.shutdown()


@pytest.fixture
def connected(cluster):
    """The cluster, with this process connected to it."""
    if not ray.is_initialized():
        ray.init(cluster.address, log_to_driver=False, logging_level="ERROR")
    return cluster
