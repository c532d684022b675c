"""Mutations of what `dse count` may be pointed at, with its arguments and options."""

import random

from tests.fuzzed_words import mutated_line

FILE = "net.py"
CONTENT = """
import torch
INPUT = (3, 8, 8)
class Net(torch.nn.Module):
    def __init__(self, width: int = 8, kernel=3, name="relu"):
        super().__init__()
        self.first = torch.nn.Conv2d(3, width, kernel)
        self.act = getattr(torch.nn.functional, name)
    def forward(self, maps):
        return self.act(self.first(maps))
    number = 3
def pair():
    return Net(), 3
model = Net()
"""
"""Of a file that the words name."""

VISION = "torchvision.models"
_TARGETS = (
    (f"{FILE}:Net", "width=8", "kernel=3", "name=gelu"),
    (f"{FILE}:Net", "width=[8]", "--input", "3,8,8", "--batch", "2"),
    (f"{FILE}:model",),
    (f"{FILE}:pair",),
    (f"{FILE}:Net.number",),
    ("net.Net", "width=4"),
    ("torch.nn.Linear", "in_features=8", "out_features=4", "--input", "8"),
    ("torch.nn.Conv2d", "in_channels=3", "out_channels=4", "kernel_size=[3,3]", "stride=2"),
    ("torch.nn.Embedding", "num_embeddings=10", "embedding_dim=4", "--input", "7:int64"),
    ("torch.nn.MultiheadAttention", "embed_dim=8", "num_heads=2", "--input", "4,8"),
    ("torch.nn.LayerNorm", "normalized_shape=8", "--input", "4x8"),
    ("torch.nn.Identity",),
    ("torch.nn.Sequential",),
    ("torch.nn.Module",),
    (f"{VISION}.squeezenet1_1", "num_classes=10", "--input", "3,64,64"),
    (f"{VISION}.vit_b_16", "image_size=32", "--input", "3,32,32"),
    (f"{VISION}.shufflenet_v2_x0_5", "--input", "3,32,32", "--batch", "1"),
    (f"{VISION}.list_models",),
    ("math.sqrt", "x=2"),
    ("sys.exit",),
    ("builtins.dict", "a=1"),
    ("collections.OrderedDict",),
)
_OPTIONS = (
    (),
    ("--memory",),
    ("--training",),
    ("--memory", "--depth", "1"),
    ("--format", "json"),
    ("--format", "csv"),
    ("--collapse",),
    ("--backward",),
    ("--strict",),
    ("--dtype", "int8", "--memory"),
    ("--cost", "training", "--optimizer", "adamw"),
    ("--precision", "mixed"),
    ("--convention", "thop"),
    ("--compare", "thop,fvcore,torch"),
)
BASES = [("count", *target, *options) for target in _TARGETS for options in _OPTIONS]


def mutated_target(draw: random.Random) -> list[str]:
    """Return the words of a command that counts something which may not be there."""
    return mutated_line(draw, BASES)
