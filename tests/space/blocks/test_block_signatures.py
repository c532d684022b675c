"""What is kept of blocks is what their code says, and whoever may be named is asked for each."""

import pytest

from dse.errors import DseError
from dse.space.blocks import BLOCKS, Block, block_of, block_registry, find_block, signature_of
from dse.space.blocks.block_registry import DECLARED
from dse.space.blocks.block_signature import keep_signatures, kept_signatures

PATHS = (
    "torch.nn.Conv1d",
    "torch.nn.GELU",
    "torch.nn.Embedding",
    "torchvision.ops.FrozenBatchNorm2d",
)


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))


@pytest.mark.parametrize("name", [*BLOCKS, *DECLARED, *PATHS])
def test_a_kept_signature_is_the_one_that_was_read(name, cache):
    block = block_of(name)
    read = signature_of(block.build, block.is_registered)
    keep_signatures({name: read})
    kept = kept_signatures()[name]
    assert kept == read
    known, loaded = (Block(name, is_registered=block.is_registered, kept=s) for s in (kept, read))
    assert known.text_settings == loaded.text_settings
    assert known.shared_settings == loaded.shared_settings


def test_what_is_not_plain_is_not_kept(cache):
    keep_signatures({"torchvision.ops.MLP": block_of("torchvision.ops.MLP").signature})
    assert "torchvision.ops.MLP" not in kept_signatures()


@pytest.mark.parametrize("path", ["torch.nn.init.zeros_", "torch.hub.load", "torch.load"])
def test_a_path_is_not_trusted_for_having_been_looked_at(path, cache):
    assert block_of(path).signature.is_lasting
    with pytest.raises(DseError, match=r"neither|not within"):
        find_block(path, "page.yaml")
    assert path not in kept_signatures()


def test_a_path_that_any_page_may_name_is_kept(cache, monkeypatch):
    monkeypatch.setattr(block_registry, "_TRUSTED", set())
    monkeypatch.setattr(block_registry, "_kept", dict)
    find_block("torch.nn.GELU", "page.yaml")
    assert "torch.nn.GELU" in kept_signatures()
