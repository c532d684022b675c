"""Every module of PyTorch that neither convolves nor multiplies, with inputs that it takes."""

from types import ModuleType

from torch import nn
from torch.nn import functional as F
from torch.nn import modules

from dse.counting import Input

MODULES: tuple[ModuleType, ...] = (
    *(modules.activation, modules.batchnorm, modules.channelshuffle, modules.distance),
    *(modules.dropout, modules.flatten, modules.fold, modules.instancenorm, modules.loss),
    *(modules.normalization, modules.padding, modules.pixelshuffle, modules.pooling),
    *(modules.sparse, modules.upsampling),
)
"""The files of PyTorch whose modules are all here."""

LINE, IMAGE, CLIP, ROWS = (2, 4, 8), (2, 4, 8, 8), (2, 4, 8, 8, 8), (2, 8)
OF_RANK = {1: LINE, 2: IMAGE, 3: CLIP}
CLASSES, HALVES = Input((2,), "int64", values=1), Input(ROWS, values=0.5)
TOKENS, BAGS = Input((3, 5), "int64", values=1), Input((15,), "int64", values=1)
STARTS = Input((4,), "int64", values=[0, 5, 10, 15])

LEFT_OUT = {
    "NLLLoss2d": "it is another name of NLLLoss",
    "SyncBatchNorm": "it takes tensors of a GPU alone in training",
    **{
        f"Lazy{kind}Norm{rank}d": "it becomes the plain one when it first runs"
        for kind in ("Batch", "Instance")
        for rank in (1, 2, 3)
    },
}
"""Why a module is not here."""

ACTIVATIONS = (
    *("CELU", "ELU", "GELU", "Hardshrink", "Hardsigmoid", "Hardswish", "Hardtanh", "LeakyReLU"),
    *("LogSigmoid", "Mish", "PReLU", "RReLU", "ReLU", "ReLU6", "SELU", "SiLU", "Sigmoid"),
    *("Softplus", "Softshrink", "Softsign", "Tanh", "Tanhshrink"),
)
IN_PLACE = (
    *("CELU", "ELU", "Hardsigmoid", "Hardswish", "Hardtanh", "LeakyReLU", "Mish", "RReLU"),
    *("ReLU", "ReLU6", "SELU", "SiLU"),
)
OF_TWO = (
    *("BCEWithLogitsLoss", "HingeEmbeddingLoss", "HuberLoss", "KLDivLoss", "L1Loss", "MSELoss"),
    *("MultiLabelSoftMarginLoss", "PoissonNLLLoss", "SmoothL1Loss", "SoftMarginLoss"),
)
"""Losses of two tensors of any numbers."""
PADDINGS = ("Circular", "Reflection", "Replication", "Zero")
LOSSES = {
    **{name: [ROWS, ROWS] for name in OF_TWO},
    "BCELoss": [HALVES, HALVES],
    "CTCLoss": [
        (10, 2, 6),
        Input((2, 3), "int64", values=1),
        Input((2,), "int64", values=10),
        Input((2,), "int64", values=3),
    ],
    "CosineEmbeddingLoss": [ROWS, ROWS, Input((2,), values=1.0)],
    "CrossEntropyLoss": [ROWS, CLASSES],
    "GaussianNLLLoss": [ROWS, ROWS, Input(ROWS, values=1.0)],
    "MarginRankingLoss": [(2,), (2,), Input((2,), values=1.0)],
    "MultiLabelMarginLoss": [ROWS, Input(ROWS, "int64")],
    "MultiMarginLoss": [ROWS, CLASSES],
    "NLLLoss": [ROWS, CLASSES],
    "TripletMarginLoss": [ROWS, ROWS, ROWS],
    "TripletMarginWithDistanceLoss": [ROWS, ROWS, ROWS],
}


class Called(nn.Module):
    """A function as a module."""

    def __init__(self, function, **held):
        super().__init__()
        self.function, self.held = function, nn.ModuleDict(held)

    def forward(self, *inputs):
        return self.function(self.held, *inputs)


def unpooled(rank):
    pool = getattr(nn, f"MaxPool{rank}d")(2, return_indices=True)
    unpool = getattr(nn, f"MaxUnpool{rank}d")(2)
    return Called(lambda held, x: held.unpool(*held.pool(x)), pool=pool, unpool=unpool)


def resized(**options):
    return Called(lambda _, x: F.interpolate(x, scale_factor=2, **options))


def of_rank(rank):
    """Entries of the modules that there are in one, two and three dimensions."""

    def of(name, *args, **options):
        return getattr(nn, f"{name}{rank}d")(*args, **options)

    found = {
        **{f"{kind}Pad{rank}d": of(f"{kind}Pad", 1) for kind in PADDINGS},
        f"ConstantPad{rank}d": of("ConstantPad", 1, 0.5),
        f"MaxPool{rank}d": of("MaxPool", 2),
        f"MaxPool{rank}d, overlapping": of("MaxPool", 3, 2, 1),
        f"MaxUnpool{rank}d": unpooled(rank),
        f"AvgPool{rank}d": of("AvgPool", 2),
        f"LPPool{rank}d": of("LPPool", 2, 2),
        f"AdaptiveMaxPool{rank}d": of("AdaptiveMaxPool", 3),
        f"AdaptiveAvgPool{rank}d": of("AdaptiveAvgPool", 3),
        f"AdaptiveAvgPool{rank}d, to one": of("AdaptiveAvgPool", 1),
        f"BatchNorm{rank}d": of("BatchNorm", 4),
        f"InstanceNorm{rank}d": of("InstanceNorm", 4, affine=True),
        f"InstanceNorm{rank}d, statistics": of("InstanceNorm", 4, track_running_stats=True),
        f"Dropout{rank}d": of("Dropout"),
        f"Upsample, {rank}-D": nn.Upsample(scale_factor=2),
    }
    if rank > 1:
        found[f"FractionalMaxPool{rank}d"] = of("FractionalMaxPool", 2, output_size=3)
    return {name: (module, [OF_RANK[rank]]) for name, module in found.items()}


def bags():
    """Embedding bags of each mode, by rows and by where bags start."""
    found = {}
    for mode in ("mean", "sum", "max"):
        by_starts = nn.EmbeddingBag(10, 4, mode=mode, include_last_offset=True)
        padded = nn.EmbeddingBag(10, 4, mode=mode, padding_idx=1)
        found |= {
            f"EmbeddingBag, {mode}": (nn.EmbeddingBag(10, 4, mode=mode), [TOKENS]),
            f"EmbeddingBag, {mode}, padded": (padded, [TOKENS]),
            f"EmbeddingBag, {mode}, by starts": (by_starts, [BAGS, STARTS]),
        }
    weighted = [TOKENS, None, (3, 5)]
    return {**found, "EmbeddingBag, weighted": (nn.EmbeddingBag(10, 4, mode="sum"), weighted)}


EVERY = {
    **{name: (getattr(nn, name)(), [IMAGE]) for name in ACTIVATIONS},
    **{f"{name}, in place": (getattr(nn, name)(inplace=True), [IMAGE]) for name in IN_PLACE},
    "GELU, tanh": (nn.GELU(approximate="tanh"), [IMAGE]),
    "GLU": (nn.GLU(1), [IMAGE]),
    "Threshold": (nn.Threshold(0.1, 20), [IMAGE]),
    "Softmax2d": (nn.Softmax2d(), [IMAGE]),
    **{name: (getattr(nn, name)(1), [IMAGE]) for name in ("LogSoftmax", "Softmax", "Softmin")},
    "MultiheadAttention": (
        Called(lambda held, x: held.layer(x, x, x)[0], layer=nn.MultiheadAttention(8, 2)),
        [LINE],
    ),
    **{
        f"{name}, {reduction}": (getattr(nn, name)(reduction=reduction), inputs)
        for name, inputs in LOSSES.items()
        for reduction in ("mean", "sum", "none")
    },
    "LinearCrossEntropyLoss": (nn.LinearCrossEntropyLoss(8, 5), [ROWS, CLASSES]),
    "CrossEntropyLoss, smooth": (nn.CrossEntropyLoss(label_smoothing=0.1), [ROWS, CLASSES]),
    "CrossEntropyLoss, images": (
        nn.CrossEntropyLoss(),
        [IMAGE, Input((2, 8, 8), "int64", values=1)],
    ),
    "MSELoss, broadcast": (nn.MSELoss(), [ROWS, (2, 1)]),
    "TripletMarginLoss, swapped": (nn.TripletMarginLoss(swap=True), [ROWS, ROWS, ROWS]),
    **of_rank(1),
    **of_rank(2),
    **of_rank(3),
    **{
        f"Upsample, {mode}": (nn.Upsample(scale_factor=2, mode=mode), [shape])
        for mode, shape in (
            *(("linear", LINE), ("bilinear", IMAGE), ("bicubic", IMAGE)),
            *(("trilinear", CLIP), ("nearest-exact", IMAGE)),
        )
    },
    "Upsample, smooth": (resized(mode="bilinear", antialias=True), [IMAGE]),
    "UpsamplingNearest2d": (nn.UpsamplingNearest2d(scale_factor=2), [IMAGE]),
    "UpsamplingBilinear2d": (nn.UpsamplingBilinear2d(scale_factor=2), [IMAGE]),
    "LocalResponseNorm": (nn.LocalResponseNorm(2), [IMAGE]),
    "CrossMapLRN2d": (nn.CrossMapLRN2d(2), [IMAGE]),
    "LayerNorm": (nn.LayerNorm(8), [LINE]),
    "GroupNorm": (nn.GroupNorm(2, 4), [IMAGE]),
    "RMSNorm": (nn.RMSNorm(8), [LINE]),
    "PixelShuffle": (nn.PixelShuffle(2), [IMAGE]),
    "PixelUnshuffle": (nn.PixelUnshuffle(2), [IMAGE]),
    "ChannelShuffle": (nn.ChannelShuffle(2), [IMAGE]),
    "Fold": (nn.Fold((8, 8), 2), [(2, 16, 49)]),
    "Fold, apart": (nn.Fold((8, 8), 2, stride=3), [(2, 16, 9)]),
    "Fold, of one": (nn.Fold((8, 8), 2), [(16, 49)]),
    "Unfold": (nn.Unfold(2), [IMAGE]),
    "Unfold, apart": (nn.Unfold(2, stride=4), [IMAGE]),
    "Dropout": (nn.Dropout(), [IMAGE]),
    "AlphaDropout": (nn.AlphaDropout(), [IMAGE]),
    "FeatureAlphaDropout": (nn.FeatureAlphaDropout(), [IMAGE]),
    "PairwiseDistance": (nn.PairwiseDistance(), [ROWS, ROWS]),
    "CosineSimilarity": (nn.CosineSimilarity(), [ROWS, ROWS]),
    "Flatten": (nn.Flatten(), [IMAGE]),
    "Unflatten": (nn.Unflatten(1, (2, 2)), [IMAGE]),
    "Embedding": (nn.Embedding(10, 4), [TOKENS]),
    "Embedding, padded": (nn.Embedding(10, 4, padding_idx=1), [TOKENS]),
    "Embedding, by frequency": (nn.Embedding(10, 4, scale_grad_by_freq=True), [TOKENS]),
    **bags(),
}
"""(module, inputs) by the name of its class, behind which may stand what sets it apart."""
