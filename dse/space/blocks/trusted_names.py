"""What a page may name of code, and what it may not hand to it."""

TRUSTED_MODULES = (
    "torch.nn",
    "torchvision.models",
    "torchvision.ops",
    "timm",
    "timm.models",
    "timm.layers",
    "dse.space.blocks",
)
"""Packages whose `nn.Module` classes, and builders of models, any page may name."""

LONGEST_PATH = 200
"""Characters of the path of a callable."""

HUB_MARKS = (":", "/")
"""What the name of a model has that is fetched from a hub or read from a directory."""
WEIGHT_ARGUMENTS = (
    "weights",
    "weights_backbone",
    "pretrained",
    "pretrained_cfg",
    "pretrained_cfg_overlay",
    "checkpoint_path",
    "cache_dir",
)
"""Arguments of torchvision's and timm's builders that fetch or read weights, which cost nothing."""
PLACE_ARGUMENTS = ("device", "dtype")
"""Arguments of PyTorch's modules that put weights elsewhere than where a trace needs them."""
