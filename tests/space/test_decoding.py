"""One more token after others: its scores, and what of weights and of the cache it reads."""

import json

import pytest
import torch

from dse.costs.cost_conditions import Conditions
from dse.costs.cost_list import COST_NAMES, Costs
from dse.counting import build_without_weights, costs_under
from dse.counting.modules.token_costs import hold_caches
from dse.errors import DseError
from dse.space import BlockTable, Invalid, build_network, cost_of, network_inputs
from tests.space import transformers_models
from tests.space.shipped import family
from tests.space.test_language_models import KINDS, TINY
from tests.space.transformers_models import LAYERS, MODELS, TOKENS, WINDOW

RECORDED = json.loads(transformers_models.FILE.read_text())
CAUSAL = [name for name in MODELS if not name.startswith("bert")]
CONTEXT = 4096


def candidate(name, **settings):
    kind, variant = name.split("/")
    page = family(kind).variant(variant)
    return page.resolve(page.settings_of(settings))


def decoding(context, **conditions):
    return BlockTable(Conditions(phase="decode", context=context, **conditions))


@pytest.mark.parametrize("name", CAUSAL)
def test_a_token_multiplies_as_often_as_in_transformers_with_a_cache(name):
    _, given = MODELS[name]
    window = {"window": WINDOW} if given.get("sliding_window") else {}
    found = cost_of(candidate(name, sequence=8, layers=LAYERS, **window), decoding(TOKENS))
    assert found.macs == RECORDED[name]["decoding_macs"]


def test_every_byte_of_weights_and_cache_is_read_once():
    found = cost_of(candidate("llama/llama_3_2_1b"), decoding(CONTEXT, dtype="bfloat16"))
    keys_and_values = 16 * 2 * 8 * 64 * CONTEXT * 2
    assert found.kv_cache == found.cache_read == keys_and_values
    assert found.weights_read == found.weight_memory == RECORDED["llama/llama_3_2_1b"]["params"] * 2
    assert round((found.weights_read + found.cache_read) / 1e9, 2) == 2.61


def test_a_table_that_no_head_reads_is_read_by_the_row():
    found = cost_of(candidate("llama/llama_3_1_8b"), decoding(CONTEXT, batch=3))
    table = 128256 * 4096 * 4
    assert found.weights_read == found.weight_memory - table + 3 * 4096 * 4


@pytest.mark.parametrize("batch", [1, 3, 100])
def test_of_experts_no_more_are_read_than_are_visited(batch):
    model = candidate("moe/mixtral_8x7b", layers=1)
    found = cost_of(model, decoding(CONTEXT, batch=batch))
    unread = 8 - min(8, 2 * batch)
    expert, row = 3 * 4096 * 14336 * 4, 4096 * 4
    table = 32000 * row
    assert found.weights_read == (
        found.weight_memory - unread * expert - table + min(batch * row, table)
    )


def test_a_window_reads_no_further_back():
    short, long = (
        cost_of(candidate("llama/mistral_7b_v0_1", window=100), decoding(context)).cache_read
        for context in (60, 1000)
    )
    assert (short, long) == (60 * 32 * 2 * 8 * 128 * 4, 100 * 32 * 2 * 8 * 128 * 4)


TINY_KINDS = [name for name in KINDS if not name.startswith("bert")]


@pytest.mark.parametrize("name", TINY_KINDS)
def test_the_blocks_sum_to_a_trace_of_the_whole(name):
    settings, _ = KINDS[name]
    small = candidate(name, **{**TINY, **settings})
    for conditions in (
        Conditions(batch=2, phase="decode", context=12),
        Conditions(batch=2, context=30, dtype="bfloat16"),
    ):
        if "positions" in settings:
            conditions = Conditions(batch=2, phase=conditions.phase, context=14)
        blocks = cost_of(small, BlockTable(conditions))
        network = build_without_weights(lambda: build_network(small))
        inputs, _ = network_inputs(small, 2, conditions.phase)
        whole = costs_under(network, inputs, conditions)
        assert isinstance(blocks, Costs)
        assert {n: blocks[n] for n in COST_NAMES} == {n: whole[n] for n in COST_NAMES}
        assert blocks.train_memory is None


@pytest.mark.parametrize("name", TINY_KINDS)
def test_a_token_after_others_has_the_scores_that_it_has_among_them(name):
    settings, _ = KINDS[name]
    torch.manual_seed(0)
    network = build_network(candidate(name, **{**TINY, **settings})).eval()
    tokens = torch.randint(40, (2, 12))
    attentions = [each for each in network.modules() if hasattr(each, "cached_keys")]
    kept = []
    with torch.no_grad():
        expected = network(tokens)[:, -1]
        for each in attentions:
            each.register_forward_pre_hook(
                lambda module, given: kept.append((module, *keys_and_values(module, given[0])))
            )
        network(tokens)
        hold_caches(network, [tokens[:, -1:]], 12)
        for module, keys, values in kept[: len(attentions)]:
            rows = module.cached_keys.shape[2]
            module.cached_keys[:, :, :-1] = keys[:, :, -rows:-1]
            module.cached_values[:, :, :-1] = values[:, :, -rows:-1]
        torch.testing.assert_close(network(tokens[:, -1:])[:, -1], expected, rtol=1e-4, atol=1e-5)


def keys_and_values(module, tokens):
    """Return keys and values of tokens as attention computes them, by its own layers."""
    key = module.key(tokens)
    if module.key_norm is not None and not module.norm_of_heads:
        key = module.key_norm(key)
    key = key.unflatten(-1, (module.kv_heads, -1)).transpose(1, 2)
    if module.key_norm is not None and module.norm_of_heads:
        key = module.key_norm(key)
    if module.rotary is not None:
        _, key = module.rotary(key, key, 0)
    return key, module.value(tokens).unflatten(-1, (module.kv_heads, -1)).transpose(1, 2)


@pytest.mark.parametrize(
    ("name", "context", "reason"),
    [
        ("bert/bert_base_uncased", 8, "attention that is not causal keeps no keys"),
        ("gpt2/gpt2", 1025, "1025 tokens are more than the 1024 learned positions"),
    ],
)
def test_what_cannot_be_decoded_is_told(name, context, reason):
    found = cost_of(candidate(name, sequence=8), decoding(context))
    assert isinstance(found, Invalid)
    assert reason in found.reason


def test_families_on_images_have_no_context():
    page = family("mlp")
    found = cost_of(page.resolve(page.defaults), decoding(8))
    assert isinstance(found, Invalid)
    assert "a context is of networks on ids of tokens" in found.reason
    with pytest.raises(DseError, match="phase: decode takes a context"):
        Conditions(phase="decode")
