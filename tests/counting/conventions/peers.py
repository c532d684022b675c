"""Runs the counters themselves, and returns what they say in the names of our readings."""

import contextlib
import io
import re

import torch


def thop(model, tensor):
    import thop

    macs, params = thop.profile(model, inputs=(tensor,), verbose=False)
    return {"macs": macs, "params": params}


def torchinfo(model, tensor):
    import torchinfo

    summary = torchinfo.summary(
        model, input_data=tensor, device=tensor.device, verbose=0, cache_forward_pass=False
    )
    return {
        "params": summary.total_params,
        "trainable_params": summary.trainable_params,
        "mult_adds": summary.total_mult_adds,
        "forward_backward_bytes": summary.total_output_bytes,
        "params_bytes": summary.total_param_bytes,
    }


def torchinfo_rows(model, tensor):
    import torchinfo

    summary = torchinfo.summary(
        model, input_data=tensor, device=tensor.device, verbose=0, cache_forward_pass=False
    )
    return [
        (layer.get_layer_name(False, True), tuple(layer.output_size), layer.macs)
        for layer in summary.summary_list
        if layer.is_leaf_layer
    ]


def fvcore(model, tensor):
    from fvcore.nn import FlopCountAnalysis

    analysis = FlopCountAnalysis(model, (tensor,)).unsupported_ops_warnings(False)
    return {"flops": analysis.uncalled_modules_warnings(False).total()}


def ptflops(model, tensor, backend="pytorch"):
    from ptflops import get_model_complexity_info

    with contextlib.redirect_stdout(io.StringIO()):
        macs, params = get_model_complexity_info(
            model,
            tuple(tensor.shape[1:]),
            print_per_layer_stat=False,
            as_strings=False,
            backend=backend,
        )
    return {"macs": macs, "params": params}


def torchsummary(model, shape, batch):
    """Return its rows as three texts each, and its closing lines."""
    from torchsummary import summary

    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), torch.no_grad():
        summary(model, tuple(shape[1:]), batch_size=batch, device="cpu")
    lines = printed.getvalue().splitlines()
    end = lines.index("=" * 64, 3)
    rows = [tuple(re.split(r"\s{2,}", line.strip())) for line in lines[3:end]]
    return rows, [line for line in lines[end + 1 :] if not line.startswith("-")]
