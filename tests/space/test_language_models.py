"""Oracles: models of transformers, parameter by parameter and score by score; published numbers."""

import csv
import json

import pytest
import torch

from dse.costs.cost_conditions import Conditions
from dse.costs.cost_list import Costs
from dse.counting.modules.weights import list_weights
from dse.space import BlockTable, build_network, cost_of
from tests.space import transformers_models
from tests.space.shipped import family
from tests.space.transformers_models import LAYERS, MODELS, TOKENS, WINDOW

RECORDED = json.loads(transformers_models.FILE.read_text())
TABLE = BlockTable()


def costs(name, **settings):
    kind, variant = name.split("/")
    page = family(kind).variant(variant)
    found = cost_of(page.resolve(page.settings_of(settings)), TABLE)
    assert isinstance(found, Costs), found
    return found


def test_every_variant_is_compared():
    families = {name.split("/")[0] for name in MODELS}
    assert {f"{each}/{v}" for each in families for v in family(each).variants} == set(MODELS)
    assert RECORDED.keys() == MODELS.keys()


@pytest.mark.parametrize("name", MODELS)
def test_a_variant_has_the_parameters_of_the_model_that_it_is_named_after(name):
    assert costs(name, sequence=8).params == RECORDED[name]["params"]


@pytest.mark.parametrize("name", MODELS)
def test_a_variant_multiplies_as_often_as_the_model_with_eager_attention(name):
    _, given = MODELS[name]
    window = {"window": WINDOW} if given.get("sliding_window") else {}
    found = costs(name, sequence=TOKENS, layers=LAYERS, **window)
    assert found.macs == RECORDED[name]["macs"]


def test_the_numbers_are_those_of_transformers():
    pytest.importorskip("transformers")
    assert transformers_models.current() == RECORDED


TINY = {"sequence": 12, "vocabulary": 40, "layers": 7, "hidden": 32, "heads": 4, "ffn": 48}
THEIR_TINY = {
    "vocab_size": 40,
    "num_hidden_layers": 7,
    "hidden_size": 32,
    "num_attention_heads": 4,
    "intermediate_size": 48,
    "pad_token_id": 0,
    "bos_token_id": 1,
    "eos_token_id": 2,
}
GROUPED = {"kv_heads": 2, "head_dim": 16}
THEIR_GROUPED = {"num_key_value_heads": 2, "head_dim": 16}
SIX = {"experts": 6, "experts_per_token": 2}
KINDS = {
    "llama/llama_3_1_8b": (GROUPED, THEIR_GROUPED),
    "llama/llama_3_2_1b": (GROUPED, THEIR_GROUPED),
    "llama/mistral_7b_v0_1": ({**GROUPED, "window": 5}, {**THEIR_GROUPED, "sliding_window": 5}),
    "llama/qwen3_0_6b": (GROUPED, THEIR_GROUPED),
    "llama/gemma3_4b": ({**GROUPED, "window": 5}, {**THEIR_GROUPED, "sliding_window": 5}),
    "moe/olmoe_1b_7b": (
        {"kv_heads": 2, "head_dim": 8, **SIX},
        {"num_key_value_heads": 2, "head_dim": 8, "num_experts": 6, "num_experts_per_tok": 2},
    ),
    "moe/mixtral_8x7b": (
        {**GROUPED, **SIX},
        {**THEIR_GROUPED, "num_local_experts": 6, "num_experts_per_tok": 2},
    ),
    "moe/qwen3_30b_a3b": (
        {**GROUPED, **SIX},
        {
            **THEIR_GROUPED,
            "moe_intermediate_size": 48,
            "num_experts": 6,
            "num_experts_per_tok": 2,
        },
    ),
    "moe/qwen1_5_moe_a2_7b": (
        {"kv_heads": 2, "head_dim": 8, "shared_ffn": 40, **SIX},
        {
            "num_key_value_heads": 2,
            "head_dim": 8,
            "moe_intermediate_size": 48,
            "shared_expert_intermediate_size": 40,
            "num_experts": 6,
            "num_experts_per_tok": 2,
        },
    ),
    "gpt2/gpt2": (
        {"positions": 16},
        {"n_layer": 7, "n_embd": 32, "n_head": 4, "n_inner": 48, "n_positions": 16},
    ),
    "bert/bert_base_uncased": ({"positions": 16}, {"max_position_embeddings": 16}),
}
"""Settings of a page beside `TINY`, and of a config of transformers."""

NAMES = {
    "words": "embed_tokens wte word_embeddings",
    "positions": "wpe position_embeddings",
    "types": "token_type_embeddings",
    "norm": "LayerNorm",
    "attention_norm": "input_layernorm ln_1 attention.output.LayerNorm",
    "feed_forward_norm": "pre_feedforward_layernorm ln_2 post_attention_layernorm output.LayerNorm",
    "attention_outer_norm": "post_attention_layernorm",
    "feed_forward_outer_norm": "post_feedforward_layernorm",
    "attention.query": "self_attn.q_proj attention.self.query",
    "attention.key": "self_attn.k_proj attention.self.key",
    "attention.value": "self_attn.v_proj attention.self.value",
    "attention.output": "self_attn.o_proj attn.c_proj attention.output.dense",
    "attention.query_norm": "self_attn.q_norm",
    "attention.key_norm": "self_attn.k_norm",
    "feed_forward.gate": "mlp.gate_proj",
    "feed_forward.up": "mlp.up_proj mlp.c_fc intermediate.dense",
    "feed_forward.down": "mlp.down_proj mlp.c_proj output.dense",
    "feed_forward.router": "mlp.gate",
    "feed_forward.experts.gate_up": "mlp.experts.gate_up_proj",
    "feed_forward.experts.down": "mlp.experts.down_proj",
    "feed_forward.shared.gate": "mlp.shared_expert.gate_proj",
    "feed_forward.shared.up": "mlp.shared_expert.up_proj",
    "feed_forward.shared.down": "mlp.shared_expert.down_proj",
    "feed_forward.shared_gate": "mlp.shared_expert_gate",
}
"""What transformers calls a part of ours, in the first of its models that has it."""


def copy_weights(network, model):
    """Give a network of ours the weights of a model of transformers."""
    body = next(child for child in model.children())
    layers = next(each for each in body.modules() if isinstance(each, torch.nn.ModuleList))
    sources = [getattr(body, "embeddings", body), *layers]
    if hasattr(model, "cls"):
        transform = model.cls.predictions.transform
        sources += [{"0": transform.dense, "2": transform.LayerNorm}]
        sources += [{"scores": model.cls.predictions.decoder}]
    else:
        norm = getattr(body, "norm", None) or body.ln_f
        sources += [{"": norm}, {"scores": model.lm_head, "": model.lm_head}]
    with torch.no_grad():
        for block, source in zip(network, sources, strict=True):
            for name, parameter in block.named_parameters():
                parameter.copy_(their_tensor(source, name, parameter))


def their_tensor(source, name, parameter):
    part, _, last = name.rpartition(".")
    if isinstance(source, dict):
        return as_ours(source[part], getattr(source[part], last))
    tensors = dict(source.named_parameters())
    if name.startswith("attention.") and f"attn.c_attn.{last}" in tensors and "output" not in name:
        third = ["query", "key", "value"].index(part.rpartition(".")[2])
        return as_ours(source.attn.c_attn, tensors[f"attn.c_attn.{last}"]).chunk(3)[third]
    for theirs in NAMES.get(part, "").split():
        found = tensors.get(f"{theirs}.{last}")
        if found is not None and found.numel() == parameter.numel():
            return as_ours(source.get_submodule(theirs), found)
    (theirs,) = NAMES[name].split()
    return tensors[theirs]


def as_ours(module, tensor):
    """Return a weight as PyTorch's own layers have it."""
    kind = type(module).__name__
    if kind.startswith("Gemma3RMSNorm"):
        return tensor + 1
    return tensor.T if kind == "Conv1D" and tensor.dim() == 2 else tensor


@pytest.mark.parametrize("name", KINDS)
def test_a_network_computes_what_the_model_of_transformers_does(name):
    pytest.importorskip("transformers")
    settings, changes = KINDS[name]
    kind, variant = name.split("/")
    page = family(kind).variant(variant)
    network = build_network(page.resolve(page.settings_of({**TINY, **settings}))).eval()
    common = THEIR_TINY if kind != "gpt2" else {"vocab_size": 40}
    torch.manual_seed(0)
    model = transformers_models.build(name, **{**common, **changes})
    for each in model.parameters():
        torch.nn.init.normal_(each, std=0.3)
    assert sum(p.numel() for p in network.parameters()) == sum(
        p.numel() for p in model.parameters()
    )
    copy_weights(network, model.eval())
    tokens = torch.randint(1, 40, (3, 12))
    with torch.no_grad():
        expected = model(tokens).logits
        torch.testing.assert_close(network(tokens), expected, rtol=2e-4, atol=2e-4)
    assert expected.std() > 0.1


@pytest.mark.parametrize("row", range(4))
def test_the_published_numbers_of_parameters(row, reference_data):
    with (reference_data / "published" / "language_models.csv").open() as file:
        published = list(csv.DictReader(file))[row]
    variant = {
        "Llama-3.2-1B": "llama/llama_3_2_1b",
        "Llama-3.1-8B": "llama/llama_3_1_8b",
        "Mixtral-8x7B-v0.1": "moe/mixtral_8x7b",
        "GPT-2": "gpt2/gpt2",
    }[published["model"]]
    found = costs(variant, sequence=8)
    assert found.params == int(published["params"])
    assert found.active_params == int(published["active_params"] or published["params"])


@pytest.mark.parametrize("name", KINDS)
def test_the_cache_is_that_of_transformers(name):
    transformers = pytest.importorskip("transformers")
    settings, changes = KINDS[name]
    kind, variant = name.split("/")
    page = family(kind).variant(variant)
    table = BlockTable(Conditions(batch=3))
    found = cost_of(page.resolve(page.settings_of({**TINY, **settings})), table)
    if kind == "bert":
        assert found.kv_cache == 0
        return
    common = THEIR_TINY if kind != "gpt2" else {"vocab_size": 40}
    model = transformers_models.build(name, **{**common, **changes}).eval()
    with torch.no_grad():
        kept = model(torch.randint(1, 40, (3, 12)), use_cache=True).past_key_values
    assert isinstance(kept, transformers.DynamicCache)
    assert found.kv_cache == sum(each.keys.nbytes + each.values.nbytes for each in kept.layers)


@pytest.mark.parametrize("name", [name for name in KINDS if name.startswith("moe")])
def test_of_a_model_of_transformers_a_token_uses_as_many_parameters(name):
    pytest.importorskip("transformers")
    settings, changes = KINDS[name]
    _, variant = name.split("/")
    page = family("moe").variant(variant)
    found = cost_of(page.resolve(page.settings_of({**TINY, **settings})), TABLE)
    with torch.device("meta"):
        model = transformers_models.build(name, **{**THEIR_TINY, **changes})
    weights = list_weights(model)
    assert found.active_params == sum(each.active for each in weights if each.is_parameter)
    assert found.active_params < found.params


def test_the_cache_grows_with_the_context_the_batch_and_the_dtype():
    one = costs("llama/llama_3_1_8b", sequence=128).kv_cache
    assert one == 128 * 32 * 2 * 8 * 128 * 4
    page = family("llama").variant("llama_3_1_8b")
    table = BlockTable(Conditions(batch=4, dtype="bfloat16"))
    assert cost_of(page.resolve(page.settings_of({"sequence": 256})), table).kv_cache == 4 * one
