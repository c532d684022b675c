"""Oracles: T5 and the encoder of Whisper as transformers has them, with eager attention."""

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from dse.costs.cost_conditions import Conditions
from dse.costs.cost_list import Costs
from dse.space import BlockTable, build_network, cost_of
from tests.space.shipped import family

transformers = pytest.importorskip("transformers")
TABLE = BlockTable()
TINY = {
    "sequence": 12,
    "target": 7,
    "vocabulary": 40,
    "layers": 2,
    "decoder_layers": 3,
    "hidden": 32,
    "heads": 4,
    "head_dim": 6,
    "ffn": 48,
}


def costs(name, variant, **settings):
    page = family(name).variant(variant)
    found = cost_of(page.resolve(page.settings_of(settings)), TABLE)
    assert isinstance(found, Costs), found
    return found


def t5(settings):
    config = transformers.T5Config(
        vocab_size=settings["vocabulary"],
        d_model=settings["hidden"],
        d_kv=settings["head_dim"],
        d_ff=settings["ffn"],
        num_layers=settings["layers"],
        num_decoder_layers=settings["decoder_layers"],
        num_heads=settings["heads"],
        feed_forward_proj="gated-gelu" if settings["gated"] else "relu",
        tie_word_embeddings=settings["tied"],
    )
    config._attn_implementation = "eager"
    model = transformers.T5ForConditionalGeneration(config)
    if not settings["tied"]:
        # The class ties what it is asked not to; T5 1.1 as published has a head of its own.
        model.lm_head = torch.nn.Linear(settings["hidden"], settings["vocabulary"], bias=False)
    return model


def whisper(settings, frames=None):
    config = transformers.WhisperConfig(
        num_mel_bins=settings["mels"],
        d_model=settings["hidden"],
        encoder_layers=settings["layers"],
        encoder_attention_heads=settings["heads"],
        encoder_ffn_dim=settings["ffn"],
        max_source_positions=settings["frames"] // 2,
    )
    config._attn_implementation = "eager"
    return transformers.models.whisper.modeling_whisper.WhisperEncoder(config)


def counted(model, *inputs, **named):
    with FlopCounterMode(display=False) as counter:
        model.eval()(*inputs, **named)
    return counter.get_total_flops() // 2


def ids(batch, tokens, device="meta"):
    return torch.randint(0, 40, (batch, tokens), device=device)


@pytest.mark.parametrize("variant", family("t5").variants)
def test_a_t5_has_the_parameters_and_the_macs_of_the_model_that_it_is_named_after(variant):
    settings = family("t5").variant(variant).defaults
    sizes = {"sequence": 24, "target": 10}
    with torch.device("meta"):
        model = t5(settings)
        shallow = t5({**settings, "layers": 2, "decoder_layers": 3})
    params = sum(each.numel() for each in model.parameters())
    assert costs("t5", variant, **sizes).params == params
    macs = counted(shallow, input_ids=ids(1, 24), decoder_input_ids=ids(1, 10))
    assert costs("t5", variant, **sizes, layers=2, decoder_layers=3).macs == macs


@pytest.mark.parametrize("variant", family("whisper").variants)
def test_a_whisper_encoder_has_the_parameters_and_the_macs_of_the_model_it_is_named_after(variant):
    settings = {**family("whisper").variant(variant).defaults, "layers": 2}
    with torch.device("meta"):
        model = whisper(settings)
    found = costs("whisper", variant, layers=2)
    assert found.params == sum(each.numel() for each in model.parameters())
    assert found.macs == counted(model, torch.empty(1, settings["mels"], 3000, device="meta"))


PARTS = {
    "attention_norm": "layer.0.layer_norm",
    "attention": "layer.0.SelfAttention",
    "cross_norm": "layer.1.layer_norm",
    "cross": "layer.1.EncDecAttention",
    "feed_forward_norm": "layer.{last}.layer_norm",
    "feed_forward": "layer.{last}.DenseReluDense",
}
LEAVES = {"query": "q", "key": "k", "value": "v", "output": "o", "down": "wo", "gate": "wi_0"}


def copied(network, model, settings):
    """Give a network of ours the weights of a T5 of transformers."""
    up = "wi_1" if settings["gated"] else "wi"

    def theirs(block, name):
        part, _, rest = name.partition(".")
        last = len(block.layer) - 1
        source = block.get_submodule(PARTS[part].format(last=last))
        leaf = rest.rpartition(".")[0]
        return source.get_submodule(LEAVES.get(leaf, up) if leaf else "").weight

    stacks = model.encoder, model.decoder
    relative = [each.block[0].layer[0].SelfAttention.relative_attention_bias for each in stacks]
    first, second, embedding, *others = [each.block for each in network[:-1]] + [network[-1]]
    with torch.no_grad():
        first.scores.weight.copy_(relative[0].weight)
        second.scores.weight.copy_(relative[1].weight)
        embedding.words.weight.copy_(model.shared.weight)
        for stack in stacks:
            for block in stack.block:
                for name, parameter in others.pop(0).named_parameters():
                    parameter.copy_(theirs(block, name))
            others.pop(0).weight.copy_(stack.final_layer_norm.weight)
        (head,) = others
        (head.scores if settings["tied"] else head).weight.copy_(model.lm_head.weight)


@pytest.mark.parametrize("is_gated", [False, True])
def test_a_t5_computes_what_that_of_transformers_does(is_gated):
    settings = {**TINY, "gated": is_gated, "tied": not is_gated, "sequence": 150}
    page = family("t5")
    network = build_network(page.resolve(page.settings_of(settings))).eval()
    torch.manual_seed(0)
    model = t5(settings).eval()
    for each in model.parameters():
        torch.nn.init.normal_(each, std=0.3)
    copied(network, model, settings)
    source, target = ids(3, 150, "cpu"), ids(3, 7, "cpu")
    with torch.no_grad():
        expected = model(input_ids=source, decoder_input_ids=target).logits
        found = network(torch.cat([source, target], dim=1))
    torch.testing.assert_close(found, expected, rtol=2e-4, atol=2e-4)
    assert expected.std() > 0.05


def test_the_cache_of_a_t5_is_that_of_transformers():
    page = family("t5")
    settings = {**TINY, "gated": False, "tied": True}
    table = BlockTable(Conditions(batch=3))
    found = cost_of(page.resolve(page.settings_of(settings)), table)
    model = t5(settings).eval()
    given = {"input_ids": ids(3, 12, "cpu"), "decoder_input_ids": ids(3, 7, "cpu")}
    with torch.no_grad():
        kept = model(**given, use_cache=True).past_key_values
    caches = (kept.self_attention_cache, kept.cross_attention_cache)
    layers = [layer for cache in caches for layer in cache.layers]
    assert found.kv_cache == sum(each.keys.nbytes + each.values.nbytes for each in layers)


NAMES = {"query": "q_proj", "key": "k_proj", "value": "v_proj", "output": "out_proj"}


def test_a_whisper_encoder_computes_what_that_of_transformers_does():
    settings = {"mels": 6, "frames": 20, "layers": 3, "hidden": 16, "heads": 4, "ffn": 24}
    page = family("whisper")
    network = build_network(page.resolve(page.settings_of(settings))).eval()
    torch.manual_seed(0)
    model = whisper(settings).eval()
    for name, each in model.named_parameters():
        if "positions" not in name:
            torch.nn.init.normal_(each, std=0.3)
    ours = [network[0], network[2]]
    theirs = [model.conv1, model.conv2]
    for block, layer in zip(network[5:-1], model.layers, strict=True):
        ours += [block.attention_norm, block.feed_forward_norm]
        theirs += [layer.self_attn_layer_norm, layer.final_layer_norm]
        ours += [block.feed_forward.up, block.feed_forward.down]
        theirs += [layer.fc1, layer.fc2]
        ours += [block.attention.get_submodule(name) for name in NAMES]
        theirs += [layer.self_attn.get_submodule(name) for name in NAMES.values()]
    for own, their in zip([*ours, network[-1]], [*theirs, model.layer_norm], strict=True):
        own.load_state_dict(their.state_dict())
    torch.testing.assert_close(network[4].positions.data, model.embed_positions.weight.data)
    frames = torch.randn(2, 6, 20)
    with torch.no_grad():
        expected = model(frames).last_hidden_state
        torch.testing.assert_close(network(frames), expected, rtol=2e-4, atol=2e-4)
    assert expected.std() > 0.1
