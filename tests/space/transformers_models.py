"""The models of transformers that variants of the language families are named after.

What their configs say is written here as it stands on the Hugging Face Hub, as far as costs and
outputs depend on it. Where transformers is installed, the numbers of `transformers_models.json` are
made anew by

    python -m tests.space.transformers_models
"""

import json
from pathlib import Path

import torch
from torch.utils.flop_counter import FlopCounterMode

FILE = Path(__file__).with_suffix(".json")
TOKENS, LAYERS = 96, 7
"""Of the networks whose macs are recorded: enough that some have windows and others not."""
WINDOW = 64
"""Of those of them that have one."""

LLAMA_3_1 = {
    "rope_type": "llama3",
    "rope_theta": 500000.0,
    "factor": 8.0,
    "low_freq_factor": 1.0,
    "high_freq_factor": 4.0,
    "original_max_position_embeddings": 8192,
}
LLAMA_3_2 = {**LLAMA_3_1, "factor": 32.0}


def plain(theta):
    return {"rope_type": "default", "rope_theta": theta}


def shape(layers, hidden, heads, kv_heads, head_dim, ffn, vocabulary, tied):
    return {
        "num_hidden_layers": layers,
        "hidden_size": hidden,
        "num_attention_heads": heads,
        "num_key_value_heads": kv_heads,
        "head_dim": head_dim,
        "intermediate_size": ffn,
        "vocab_size": vocabulary,
        "tie_word_embeddings": tied,
        "max_position_embeddings": 131072,
        "rms_norm_eps": 1e-5,
    }


def llama(*sizes, rope):
    return "Llama", {**shape(*sizes), "rope_parameters": rope}


def mistral(*sizes, window, theta):
    rope = plain(theta)
    return "Mistral", {**shape(*sizes), "sliding_window": window, "rope_parameters": rope}


def qwen(layers, hidden, heads, ffn, tied):
    sizes = shape(layers, hidden, heads, 8, 128, ffn, 151936, tied)
    return "Qwen3", {**sizes, "rms_norm_eps": 1e-6, "rope_parameters": plain(1000000.0)}


def gemma(*sizes, window, factor=1.0, query=256):
    linear = {"rope_type": "linear", "rope_theta": 1000000.0, "factor": factor}
    return "Gemma3Text", {
        **shape(*sizes, True),
        "rms_norm_eps": 1e-6,
        "sliding_window": window,
        "query_pre_attn_scalar": query,
        "hidden_activation": "gelu_pytorch_tanh",
        "rope_parameters": {
            "full_attention": plain(1000000.0) if factor == 1.0 else linear,
            "sliding_attention": plain(10000.0),
        },
    }


def gpt2(layers, hidden, heads):
    return "GPT2", {"n_layer": layers, "n_embd": hidden, "n_head": heads}


def bert(layers, hidden, heads, vocabulary):
    return "Bert", {
        "num_hidden_layers": layers,
        "hidden_size": hidden,
        "num_attention_heads": heads,
        "intermediate_size": 4 * hidden,
        "vocab_size": vocabulary,
    }


QWEN_MOE = {"rms_norm_eps": 1e-6, "rope_parameters": plain(1000000.0)}

MODELS = {
    "llama/llama_3_2_1b": llama(16, 2048, 32, 8, 64, 8192, 128256, True, rope=LLAMA_3_2),
    "llama/llama_3_2_3b": llama(28, 3072, 24, 8, 128, 8192, 128256, True, rope=LLAMA_3_2),
    "llama/llama_3_1_8b": llama(32, 4096, 32, 8, 128, 14336, 128256, False, rope=LLAMA_3_1),
    "llama/llama_3_1_70b": llama(80, 8192, 64, 8, 128, 28672, 128256, False, rope=LLAMA_3_1),
    "llama/mistral_7b_v0_1": mistral(
        32, 4096, 32, 8, 128, 14336, 32000, False, window=4096, theta=10000.0
    ),
    "llama/mistral_7b_v0_3": mistral(
        32, 4096, 32, 8, 128, 14336, 32768, False, window=None, theta=1000000.0
    ),
    "llama/smollm2_135m": llama(30, 576, 9, 3, 64, 1536, 49152, True, rope=plain(100000.0)),
    "llama/smollm2_360m": llama(32, 960, 15, 5, 64, 2560, 49152, True, rope=plain(100000.0)),
    "llama/smollm2_1_7b": llama(24, 2048, 32, 32, 64, 8192, 49152, True, rope=plain(130000.0)),
    "llama/qwen3_0_6b": qwen(28, 1024, 16, 3072, True),
    "llama/qwen3_1_7b": qwen(28, 2048, 16, 6144, True),
    "llama/qwen3_4b": qwen(36, 2560, 32, 9728, True),
    "llama/qwen3_8b": qwen(36, 4096, 32, 12288, False),
    "llama/qwen3_14b": qwen(40, 5120, 40, 17408, False),
    "llama/qwen3_32b": qwen(64, 5120, 64, 25600, False),
    "llama/gemma3_270m": gemma(18, 640, 4, 1, 256, 2048, 262144, window=512),
    "llama/gemma3_1b": gemma(26, 1152, 4, 1, 256, 6912, 262144, window=512),
    "llama/gemma3_4b": gemma(34, 2560, 8, 4, 256, 10240, 262208, window=1024, factor=8.0),
    "llama/gemma3_12b": gemma(48, 3840, 16, 8, 256, 15360, 262208, window=1024, factor=8.0),
    "llama/gemma3_27b": gemma(
        62, 5376, 32, 16, 128, 21504, 262208, window=1024, factor=8.0, query=168
    ),
    "moe/olmoe_1b_7b": (
        "Olmoe",
        {
            **shape(16, 2048, 16, 16, 128, 1024, 50304, False),
            "num_experts": 64,
            "num_experts_per_tok": 8,
            "norm_topk_prob": False,
            "rope_parameters": plain(10000.0),
        },
    ),
    "moe/mixtral_8x7b": (
        "Mixtral",
        {
            **shape(32, 4096, 32, 8, 128, 14336, 32000, False),
            "num_local_experts": 8,
            "num_experts_per_tok": 2,
            "sliding_window": None,
            "rope_parameters": plain(1000000.0),
        },
    ),
    "moe/qwen3_30b_a3b": (
        "Qwen3Moe",
        {
            **shape(48, 2048, 32, 4, 128, 6144, 151936, False),
            **QWEN_MOE,
            "moe_intermediate_size": 768,
            "num_experts": 128,
            "num_experts_per_tok": 8,
            "norm_topk_prob": True,
        },
    ),
    "moe/qwen1_5_moe_a2_7b": (
        "Qwen2Moe",
        {
            **shape(24, 2048, 16, 16, 128, 5632, 151936, False),
            **QWEN_MOE,
            "moe_intermediate_size": 1408,
            "shared_expert_intermediate_size": 5632,
            "num_experts": 60,
            "num_experts_per_tok": 4,
            "norm_topk_prob": False,
            "use_sliding_window": False,
        },
    ),
    "gpt2/gpt2": gpt2(12, 768, 12),
    "gpt2/gpt2_medium": gpt2(24, 1024, 16),
    "gpt2/gpt2_large": gpt2(36, 1280, 20),
    "gpt2/gpt2_xl": gpt2(48, 1600, 25),
    "bert/bert_base_uncased": bert(12, 768, 12, 30522),
    "bert/bert_large_uncased": bert(24, 1024, 16, 30522),
    "bert/bert_base_cased": bert(12, 768, 12, 28996),
    "bert/bert_large_cased": bert(24, 1024, 16, 28996),
}
"""By family and variant: the class of transformers, and its config."""


def build(name, **changes):
    """Return a model of transformers with eager attention.

    Args:
        name: of `MODELS`.
        changes: of its config.
    """
    import transformers

    kind, given = MODELS[name]
    config = getattr(transformers, f"{kind}Config")(**{**given, **changes})
    config._attn_implementation = "eager"
    config._experts_implementation = "batched_mm"
    model = {
        "Bert": "BertForMaskedLM",
        "GPT2": "GPT2LMHeadModel",
        "Gemma3Text": "Gemma3ForCausalLM",
    }.get(kind, f"{kind}ForCausalLM")
    return getattr(transformers, model)(config)


def layers_of(kind, layers):
    return {"n_layer": layers} if kind == "GPT2" else {"num_hidden_layers": layers}


def macs_of(model):
    """Return the multiply-accumulates of a model of transformers, by PyTorch's own counter."""
    counter = FlopCounterMode(display=False)
    with counter:
        model(torch.zeros(1, TOKENS, dtype=torch.int64, device="meta"))
    return counter.get_total_flops() // 2


def decoding_macs_of(model):
    """Return the multiply-accumulates of one more token after `TOKENS` − 1 that are kept."""
    before = torch.zeros(1, TOKENS - 1, dtype=torch.int64, device="meta")
    kept = model(before, use_cache=True).past_key_values
    counter = FlopCounterMode(display=False)
    with counter:
        model(before[:, :1], past_key_values=kept, use_cache=True)
    return counter.get_total_flops() // 2


def current():
    """Return by name the parameters of each model, and the macs of a shallow one like it."""
    found = {}
    for name, (kind, given) in MODELS.items():
        with torch.device("meta"):
            model = build(name)
            window = {"sliding_window": WINDOW} if given.get("sliding_window") else {}
            shallow = build(name, **layers_of(kind, LAYERS), **window)
        found[name] = {
            "params": sum(each.numel() for each in model.parameters()),
            "macs": macs_of(shallow.eval()),
        }
        if kind != "Bert":
            found[name]["decoding_macs"] = decoding_macs_of(shallow)
    return found


if __name__ == "__main__":
    FILE.write_text(json.dumps(current(), indent=1) + "\n")
