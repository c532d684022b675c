"""Models of other libraries, each with the inputs that it may be run on."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

import dse

LAYERS = (
    *("num_hidden_layers", "num_layers", "n_layer", "n_layers", "encoder_layers"),
    *("decoder_layers", "num_encoder_layers", "num_decoder_layers", "depth"),
)
"""What the configurations of transformers call the number of layers."""
MOST_LAYERS = 4
TOKENS = 16
IDS = dse.Input((1, TOKENS), "int64", values=5)
IMAGE = dse.Input((1, 3, 224, 224))
PICTURE = dse.Input((1, 3, 640, 640))


@dataclass(frozen=True)
class Exhibit:
    """A model that is to be counted."""

    source: str
    name: str
    build: Callable[[], nn.Module]
    inputs: Callable[[nn.Module], Iterator[Any]]
    """What to try, one after the other: what a signature asks for does not tell all."""


def just(*inputs: Any) -> Callable[[nn.Module], Iterator[Any]]:
    """Return inputs that are the same for any model."""
    return lambda model: iter(inputs)


def of_timm() -> Iterator[Exhibit]:
    import timm

    def sized(model: nn.Module) -> Iterator[Any]:
        config: dict[str, Any] = model.pretrained_cfg
        for size in ("input_size", "test_input_size"):
            if config.get(size):
                yield (1, *config[size])

    for name in timm.list_models():
        yield Exhibit("timm", name, lambda name=name: timm.create_model(name), sized)


def of_torchvision() -> Iterator[Exhibit]:
    from torchvision import models

    for name in models.list_models():
        module = models.get_model_builder(name).__module__
        yield Exhibit(
            "torchvision",
            name,
            lambda name=name, module=module: models.get_model(
                name,
                weights=None,
                **({"weights_backbone": None} if _has_backbone(module) else {}),
            ),
            just(*_of_torchvision(module)),
        )


def _has_backbone(module: str) -> bool:
    return ".detection." in module or ".segmentation." in module


def _of_torchvision(module: str) -> list[Any]:
    if ".detection." in module:
        return [[[torch.rand(3, 320, 320)]]]
    if ".optical_flow." in module:
        return [[(1, 3, 128, 128), (1, 3, 128, 128)]]
    if ".video." in module:
        return [(1, 3, 16, 112, 112), (1, 3, 16, 224, 224)]
    return [(1, 3, 224, 224), (1, 3, 299, 299)]


def of_transformers(sizes: Mapping[str, int] | None = None) -> Iterator[Exhibit]:
    """Yield one model of each type, by its default configuration.

    Args:
        sizes: what to set in it where it is larger, by name; None for layers alone.
    """
    import transformers
    from transformers.models.auto.configuration_auto import CONFIG_MAPPING
    from transformers.models.auto.modeling_auto import MODEL_MAPPING

    transformers.logging.set_verbosity_error()

    def built(kind: Any) -> nn.Module:
        config = kind()
        parts = [v for v in vars(config).values() if isinstance(v, transformers.PretrainedConfig)]
        most = {**dict.fromkeys(LAYERS, MOST_LAYERS), **(sizes or {})}
        for part in (config, *parts):
            for name, size in most.items():
                if isinstance(getattr(part, name, None), int):
                    setattr(part, name, min(getattr(part, name), size))
            if isinstance(getattr(part, "layer_types", None), list):
                part.layer_types = part.layer_types[:MOST_LAYERS]
        model: nn.Module = transformers.AutoModel.from_config(config)
        return model

    for name, kind in CONFIG_MAPPING.items():
        if kind in MODEL_MAPPING:
            yield Exhibit("transformers", name, lambda kind=kind: built(kind), _of_signature)


def _of_signature(model: nn.Module) -> Iterator[Any]:
    wanted = inspect.signature(model.forward).parameters
    config: Any = model.config
    known = {
        "input_ids": IDS,
        "decoder_input_ids": IDS,
        "pixel_values": _image(config),
        "bbox": dse.Input((1, TOKENS, 4), "int64", values=1),
        "past_values": dse.Input(
            (1, getattr(config, "context_length", 64), getattr(config, "num_input_channels", 1))
        ),
    }
    given = {name: value for name, value in known.items() if name in wanted}
    sounds = [name for name in ("input_values", "input_features") if name in wanted]
    for sound in _sounds(config) if sounds else [None]:
        heard = {} if sound is None else dict.fromkeys(sounds, sound)
        yield {**given, **heard}
    if "input_ids" in given:
        words = {name: value for name, value in given.items() if name.endswith("_ids")}
        yield words
        # Caches of recurrent layers may not know how long a sequence is.
        yield {**words, "use_cache": False}


def _image(config: Any) -> dse.Input:
    vision = getattr(config, "vision_config", None)
    size = getattr(config, "image_size", None) or getattr(vision, "image_size", None) or 224
    if isinstance(size, dict):
        size = (size.get("height", 224), size.get("width", 224))
    height, width = size[:2] if isinstance(size, (list, tuple)) else (size, size)
    channels = getattr(config, "num_channels", None) or getattr(vision, "num_channels", None) or 3
    return dse.Input((1, channels, height, width))


def _sounds(config: Any) -> Iterator[dse.Input]:
    parts = (config, getattr(config, "encoder_config", None), getattr(config, "audio_config", None))
    bins = [getattr(part, "num_mel_bins", None) or getattr(part, "feature_size", None)
            for part in parts]  # fmt: skip
    mels = next((each for each in bins if each), 80)
    for shape in ((16_000,), (mels, 3_000), (3_000, mels), (1_024, mels), (1, 16_000)):
        yield dse.Input((1, *shape))


def of_ultralytics() -> Iterator[Exhibit]:
    import ultralytics
    from ultralytics import RTDETR, YOLO

    pages = Path(ultralytics.__file__).parent / "cfg" / "models"
    for page in sorted(pages.rglob("*.yaml")):
        kind = RTDETR if "rtdetr" in page.stem else YOLO
        yield Exhibit(
            "ultralytics", page.stem, lambda kind=kind, page=page: kind(page).model, just(PICTURE)
        )


def of_segmentation_models() -> Iterator[Exhibit]:
    import segmentation_models_pytorch as smp

    for name in ("Unet", "UnetPlusPlus", "MAnet", "Linknet", "FPN", "PSPNet", "PAN", "DeepLabV3",
                 "DeepLabV3Plus", "UPerNet", "Segformer"):  # fmt: skip
        yield Exhibit(
            "segmentation_models_pytorch",
            name,
            lambda name=name: getattr(smp, name)(encoder_weights=None),
            just(IMAGE),
        )


def of_monai() -> Iterator[Exhibit]:
    from monai.networks import nets

    flat = {"spatial_dims": 2, "in_channels": 1, "out_channels": 2}
    scans = {
        "UNet": ({**flat, "channels": (8, 16, 32), "strides": (2, 2)}, (64, 64)),
        "AttentionUnet": ({**flat, "channels": (8, 16, 32), "strides": (2, 2)}, (64, 64)),
        "BasicUNet": ({"spatial_dims": 2}, (64, 64)),
        "DenseNet121": (flat, (64, 64)),
        "SegResNet": ({**flat, "spatial_dims": 3}, (32, 32, 32)),
        "HighResNet": ({}, (32, 32, 32)),
        "VNet": ({}, (32, 32, 32)),
        "SwinUNETR": ({"in_channels": 1, "out_channels": 2, "feature_size": 12}, (64, 64, 64)),
        "UNETR": ({"in_channels": 1, "out_channels": 2, "img_size": (64,) * 3}, (64, 64, 64)),
    }
    for name, (options, sizes) in scans.items():
        yield Exhibit(
            "monai",
            name,
            lambda name=name, options=options: getattr(nets, name)(**options),
            just((1, 1, *sizes)),
        )


def of_torch_geometric() -> Iterator[Exhibit]:
    from torch_geometric.nn import models

    edges = torch.tensor([[0, 1, 2, 3, 0], [1, 0, 3, 2, 2]])
    adjacency = torch.sparse_coo_tensor(edges, torch.ones(5), (4, 4))
    for name in ("GCN", "GraphSAGE", "GAT", "GIN", "EdgeCNN"):
        for kind, given in (("by edge_index", edges), ("by adjacency", adjacency)):
            if kind == "by edge_index" or name in ("GCN", "GraphSAGE", "GIN"):
                yield Exhibit(
                    "torch_geometric",
                    f"{name} {kind}",
                    lambda name=name: getattr(models, name)(16, 32, 2, 4),
                    just([(4, 16), given]),
                )


def of_diffusers() -> Iterator[Exhibit]:
    import diffusers

    flat = {"sample_size": 32, "block_out_channels": (32, 64)}
    latent = (1, 4, 32, 32)
    step = torch.tensor([3])
    yield Exhibit(
        "diffusers", "UNet2DModel",
        lambda: diffusers.UNet2DModel(
            **flat, down_block_types=("DownBlock2D", "AttnDownBlock2D"),
            up_block_types=("AttnUpBlock2D", "UpBlock2D"),
        ),
        just([(1, 3, 32, 32), 1]),
    )  # fmt: skip
    crossed = ("DownBlock2D", "CrossAttnDownBlock2D"), ("CrossAttnUpBlock2D", "UpBlock2D")
    yield Exhibit(
        "diffusers", "UNet2DConditionModel",
        lambda: diffusers.UNet2DConditionModel(
            **flat, cross_attention_dim=32, down_block_types=crossed[0],
            up_block_types=crossed[1],
        ),
        just([latent, 5, (1, 7, 32)]),
    )  # fmt: skip
    yield Exhibit(
        "diffusers", "AutoencoderKL",
        lambda: diffusers.AutoencoderKL(
            block_out_channels=(32, 64), down_block_types=("DownEncoderBlock2D",) * 2,
            up_block_types=("UpDecoderBlock2D",) * 2,
        ),
        just((1, 3, 64, 64)),
    )  # fmt: skip
    yield Exhibit(
        "diffusers", "DiTTransformer2DModel",
        lambda: diffusers.DiTTransformer2DModel(num_layers=2, sample_size=16),
        just([(1, 4, 16, 16), step, torch.tensor([1])]),
    )  # fmt: skip
    yield Exhibit(
        "diffusers", "SD3Transformer2DModel",
        lambda: diffusers.SD3Transformer2DModel(
            sample_size=16, num_layers=2, num_attention_heads=4, attention_head_dim=16,
            caption_projection_dim=64, joint_attention_dim=32, pooled_projection_dim=32,
        ),
        just([(1, 16, 16, 16), (1, 7, 32), (1, 32), step]),
    )  # fmt: skip


def of_torchaudio() -> Iterator[Exhibit]:
    from torchaudio import models

    for name, inputs in (
        ("wav2vec2_base", (1, 16_000)),
        ("hubert_base", (1, 16_000)),
        ("conv_tasnet_base", (1, 1, 16_000)),
        ("hdemucs_low", (1, 2, 44_100)),
    ):
        arguments = {"sources": ["a", "b"]} if name == "hdemucs_low" else {}
        yield Exhibit(
            "torchaudio",
            name,
            lambda name=name, arguments=arguments: getattr(models, name)(**arguments),
            just(inputs),
        )


SOURCES: dict[str, Callable[[], Iterator[Exhibit]]] = {
    "torchvision": of_torchvision,
    "ultralytics": of_ultralytics,
    "segmentation_models_pytorch": of_segmentation_models,
    "monai": of_monai,
    "torch_geometric": of_torch_geometric,
    "diffusers": of_diffusers,
    "torchaudio": of_torchaudio,
    "transformers": of_transformers,
    "timm": of_timm,
}
"""By the library that each needs."""
