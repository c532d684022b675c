"""What a whole model keeps for its backward pass, by the kernels that its attention runs as."""

import pytest
import torch
import torch.nn.functional as F
from torch import nn

import dse


class Decoder(nn.Module):
    """A small GPT-2: an embedding and two layers of causal attention with dropout."""

    def __init__(self, dropout, width=64, heads=4):
        super().__init__()
        self.embedding = nn.Embedding(100, width)
        self.projections = nn.ModuleList(nn.Linear(width, 3 * width) for _ in range(2))
        self.outputs = nn.ModuleList(nn.Linear(width, width) for _ in range(2))
        self.heads, self.dropout = heads, dropout

    def forward(self, tokens):
        x = self.embedding(tokens)
        for projection, output in zip(self.projections, self.outputs, strict=True):
            parts = projection(x).unflatten(-1, (3, self.heads, -1)).unbind(-3)
            query, key, value = (part.transpose(1, 2) for part in parts)
            dropout = self.dropout * self.training
            y = F.scaled_dot_product_attention(query, key, value, None, dropout, is_causal=True)
            x = x + output(y.transpose(1, 2).flatten(-2))
        return x


@pytest.mark.parametrize("kernels", ["cuda", "flash", "efficient"])
def test_a_decoder_on_a_gpu_keeps_no_probabilities_whatever_its_dropout(kernels):
    tokens = dse.Input((2, 128), torch.int64)
    saved = {
        (name, dropout): dse.count(
            Decoder(dropout), [tokens], kernels=name, precision="mixed", optimizer="adamw"
        ).saved_memory
        for name in (kernels, "math")
        for dropout in (0.0, 0.1)
    }
    scores = 2 * 4 * 128 * 128
    assert saved[kernels, 0.1] == saved[kernels, 0.0]
    # Of each layer at least the probabilities; with dropout also a mask and what is left of them.
    assert saved["math", 0.0] > saved[kernels, 0.0] + 2 * 2 * scores
    assert saved["math", 0.1] >= saved["math", 0.0] + 2 * (2 + 2) * scores
