"""Small inputs for models of every kind, whose memory is compared with a real run's."""

import torch
from torch import nn
from torch.nn import functional as F
from torch.utils.checkpoint import checkpoint
from torchvision import models
from torchvision.models.maxvit import MaxVit

from dse.counting import build_without_weights


def small(name, **options):
    return lambda: zeroed(lambda: getattr(models, name)(weights=None, **options))


def zeroed(build):
    """A model whose weights are zeros, which take no time to draw, and no memory until written."""
    model = build_without_weights(build)
    return model._apply(lambda t: torch.zeros(t.shape, dtype=t.dtype) if t.is_meta else t)


def small_vgg():
    model = build_without_weights(models.vgg11)
    model.classifier[0], model.classifier[3] = nn.Linear(512 * 49, 64), nn.Linear(64, 64)
    model.classifier[6] = nn.Linear(64, 1000)
    return zeroed(lambda: model)


def small_maxvit():
    return MaxVit(
        input_size=(64, 64),
        stem_channels=16,
        partition_size=2,
        block_channels=[16, 32],
        block_layers=[1, 2],
        head_dim=8,
        stochastic_depth_prob=0.2,
    )


def small_vit():
    return models.VisionTransformer(
        image_size=64, patch_size=16, num_layers=2, num_heads=4, hidden_dim=64, mlp_dim=256
    )


def small_swin():
    return models.SwinTransformer(
        patch_size=[4, 4], embed_dim=16, depths=[2, 2], num_heads=[2, 4], window_size=[4, 4]
    )


class Checkpointed(nn.Module):
    """A resnet18 whose stages are computed again in the backward pass."""

    def __init__(self, use_reentrant):
        super().__init__()
        self.network = models.resnet18()
        self.use_reentrant = use_reentrant

    def forward(self, x):
        net = self.network
        x = net.maxpool(net.relu(net.bn1(net.conv1(x))))
        for stage in (net.layer1, net.layer2, net.layer3, net.layer4):
            x = checkpoint(stage, x, use_reentrant=self.use_reentrant)
        return net.fc(net.avgpool(x).flatten(1))


class Masked(nn.Module):
    """Attention under a mask, by PyTorch's own function."""

    def __init__(self):
        super().__init__()
        self.project = nn.Linear(16, 48)

    def forward(self, x):
        n, length, _ = x.shape
        query, key, value = self.project(x).view(n, length, 3, 2, 8).permute(2, 0, 3, 1, 4)
        mask = x.new_ones(length, length).tril().bool()
        return F.scaled_dot_product_attention(query, key, value, attn_mask=mask)


# Some have auxiliary outputs, dropout or stochastic depth.
TORCHVISION = {
    "alexnet": (small("alexnet"), 64),
    "vgg11": (small_vgg, 32),
    "squeezenet1_1": (small("squeezenet1_1"), 64),
    "resnet18": (small("resnet18"), 64),
    "resnet50": (small("resnet50"), 64),
    "resnext50_32x4d": (small("resnext50_32x4d"), 64),
    "regnet_x_400mf": (small("regnet_x_400mf"), 64),
    "regnet_y_400mf": (small("regnet_y_400mf"), 64),
    "densenet121": (small("densenet121"), 64),
    "googlenet": (small("googlenet", init_weights=False), 96),
    "inception_v3": (small("inception_v3", init_weights=False, aux_logits=False), 96),
    "mobilenet_v2": (small("mobilenet_v2"), 64),
    "mobilenet_v3_small": (small("mobilenet_v3_small"), 64),
    "mobilenet_v3_large": (small("mobilenet_v3_large"), 64),
    "mnasnet0_5": (small("mnasnet0_5"), 64),
    "shufflenet_v2_x1_0": (small("shufflenet_v2_x1_0"), 64),
    "efficientnet_b0": (small("efficientnet_b0"), 64),
    "efficientnet_v2_s": (small("efficientnet_v2_s"), 64),
    "convnext_tiny": (small("convnext_tiny"), 64),
    "vit": (small_vit, 64),
    "swin_t": (small("swin_t"), 64),
    "swin": (small_swin, 64),
    "swin_v2_t": (small("swin_v2_t"), 64),
    "maxvit": (small_maxvit, 64),
}

OTHERS = {
    "checkpointed": (lambda: Checkpointed(use_reentrant=False), (2, 3, 64, 64)),
    "checkpointed, reentrant": (lambda: Checkpointed(use_reentrant=True), (2, 3, 64, 64)),
    "attention under a mask": (Masked, (2, 5, 16)),
    "encoder layer": (lambda: nn.TransformerEncoderLayer(16, 2, 32), (5, 2, 16)),
    "group norm": (lambda: nn.Sequential(nn.Conv2d(3, 8, 3), nn.GroupNorm(2, 8)), (2, 3, 9, 9)),
    "segmentation": (
        lambda: models.segmentation.lraspp_mobilenet_v3_large(weights=None, weights_backbone=None),
        (2, 3, 64, 64),
    ),
    "video": (lambda: models.video.r3d_18(weights=None), (1, 3, 4, 32, 32)),
}
