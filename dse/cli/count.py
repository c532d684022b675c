"""`dse count`: what does one model cost?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dse.cli.counted import RealOption, told_of_real
from dse.cli.formats import CountFormat, LayerFormat

READ_BY_PEOPLE = (CountFormat.table, CountFormat.markdown, CountFormat.github)


def count(
    model: Annotated[
        str | None,
        typer.Argument(
            help="Dotted path of a callable, FILE.py:NAME, or an exported FILE.onnx or FILE.pt2."
        ),
    ] = None,
    arguments: Annotated[
        list[str] | None,
        typer.Argument(
            help="key=value arguments of the callable; config=PATH layers=4 for one that takes a "
            "configuration of that class."
        ),
    ] = None,
    input: Annotated[
        list[str] | None,
        typer.Option(
            help="Input shape without the batch; once for each input: 3,224,224 or 77:int64 by "
            "position, ids=77:int64 by name, mask=77:int64=1 with values, step=@5 a plain value."
        ),
    ] = None,
    no_batch: Annotated[
        list[str] | None, typer.Option(help="Name of an --input without a batch axis; repeat it.")
    ] = None,
    inputs: Annotated[
        Path | None,
        typer.Option(
            help="Inputs from a .yaml of names with what --input takes or {shape: [77], dtype: "
            "int64, values: 1, batch: false}, or tensors from a .pt."
        ),
    ] = None,
    batch: Annotated[int | None, typer.Option(min=1, help="Size of the batch axis.")] = None,
    format: Annotated[CountFormat, typer.Option(help="How to print.")] = CountFormat.table,
    depth: Annotated[
        int | None, typer.Option(min=0, help="Add layers deeper than this to their module.")
    ] = None,
    collapse: Annotated[bool, typer.Option(help="Show repeated blocks once.")] = False,
    convention: Annotated[
        str | None, typer.Option(help="Print another counter's table, such as thop.")
    ] = None,
    rules: Annotated[bool, typer.Option(help="With --convention: print its rules.")] = False,
    compare: Annotated[
        str | None, typer.Option(help="Conventions to compare with, such as thop,fvcore.")
    ] = None,
    backward: Annotated[bool, typer.Option(help="Count the backward pass too.")] = False,
    time: Annotated[bool, typer.Option(help="Measure each layer's time here.")] = False,
    real: Annotated[
        RealOption,
        typer.Option(
            metavar="[auto|always|never]",
            help="Run on random data: where a model cannot be traced without, within "
            "DSE_LIMIT_REAL_BYTES bytes; always (--real alone), measured by the allocator; never.",
        ),
    ] = RealOption.auto,
    strict: Annotated[bool, typer.Option(help="Fail on operators of unknown cost.")] = False,
    memory: Annotated[
        bool, typer.Option(help="Show how memory goes, and what is alive at the peak.")
    ] = False,
    training: Annotated[
        bool, typer.Option(help="With --memory: of a training step instead of inference.")
    ] = False,
    picture: Annotated[
        Path | None, typer.Option(help="Draw the memory to a .html, .png, .svg or .pdf.")
    ] = None,
    cost: Annotated[
        str | None, typer.Option(help="Conditions from conf/cost/, such as training.")
    ] = None,
    dtype: Annotated[
        str | None, typer.Option(help="Of weights and activations, such as bfloat16, int8 or int4.")
    ] = None,
    precision: Annotated[
        str | None, typer.Option(help="Of a training step: full, or mixed (autocast).")
    ] = None,
    optimizer: Annotated[
        str | None, typer.Option(help="Of a training step: sgd, sgd-momentum or adamw.")
    ] = None,
    kernels: Annotated[
        str | None,
        typer.Option(help="Of attention: cpu, cuda, flash, efficient or math."),
    ] = None,
    device: Annotated[
        str | None,
        typer.Option(help="Show the time on a device, by its roofline: a page of conf/device/."),
    ] = None,
    runtime: Annotated[
        str | None,
        typer.Option(
            help="Show sram, arena and flash when deployed under tflm, tinyengine or graph; in "
            "int8 unless --dtype says otherwise."
        ),
    ] = None,
    loss: Annotated[
        str | None,
        typer.Option(
            help="Of a training step: cross_entropy, mse, l1, …, PATH of a function of (output, "
            "labels), or model where the forward returns it, given --input labels=…"
        ),
    ] = None,
    budget: Annotated[
        str | None,
        typer.Option(help="Such as 'macs <= 1G and params <= 5M'; exit 1 where it is broken."),
    ] = None,
    label: Annotated[
        str | None,
        typer.Option(help="Labels of the --loss, as --input; by default what suits the output."),
    ] = None,
) -> None:
    """Count what a model costs, a layer a line.

    Parameters, MACs, FLOPs, activations and memory, exactly. The model runs on the meta device: it
    needs neither data nor memory.

    Example: dse count torchvision.models.resnet18 num_classes=10 --input 3,224,224

    Other counters' numbers: dse count torchvision.models.vit_b_16 --compare thop,fvcore,torch

    Does it fit? dse count torchvision.models.resnet18 --batch 8 --memory --training

    Does it fit a microcontroller? dse count torchvision.models.squeezenet1_1 --runtime tflm

    How long on a GPU? dse count torchvision.models.resnet18 --device h100_sxm --dtype float16

    What others exported: dse count net.onnx --batch 8

    In CI: dse count torchvision.models.resnet18 --budget "macs <= 2G" --format github
    """
    asked = {name for name, value in locals().items() if value is not None and value is not False}
    from dse.cli.counted import (
        AskedOfCount,
        build_model,
        check_options,
        load_target,
        named_loss,
        parse_arguments,
    )
    from dse.cli.printing import (
        Shown,
        check_memory,
        draw_timeline,
        fail_if_broken,
        note,
        print_comparison,
        print_convention,
        print_count,
        print_rules,
        read_layers,
        timeline_of,
        with_given,
    )
    from dse.cli.terminal import aside
    from dse.counting import count as count_model
    from dse.counting import find_loss, run_on_allocator, time_layers, trace
    from dse.devices import Roofline, deployed_memory, layer_times
    from dse.errors import DseError
    from dse.project import (
        checked_bounds,
        dtype_in,
        find_device,
        parse_input,
        read_cost_group,
        read_input,
    )
    from dse.report import check_memory_picture

    if format is CountFormat.github and (rules or convention is not None or compare is not None):
        raise DseError("--format github is a summary of our costs; use --format markdown")
    if rules and convention is None:
        raise DseError("--rules needs the --convention whose rules to print")
    check_options(AskedOfCount(asked, format, convention))
    if rules:
        assert convention is not None
        print_rules(convention, LayerFormat(format.value))
        return
    if model is None:
        raise DseError("count: of which MODEL? a path such as torchvision.models.resnet18")
    if memory or training:
        check_memory(format.value)
    if picture is not None:
        check_memory_picture(picture)
    if runtime is not None and real is RealOption.always:
        raise DseError("--runtime follows a model without data: leave out --real")
    given = {
        "batch": batch,
        "dtype": dtype,
        "precision": precision,
        "optimizer": optimizer,
        "kernels": kernels,
        "runtime": runtime,
    }
    page = None if device is None else find_device(_page_of(device))
    if page is not None and cost is None and dtype is None:
        given["dtype"] = page.conditions.get("dtype")
    if page is not None and cost is None and runtime is None:
        given["runtime"] = page.conditions.get("runtime")
    conditions = read_cost_group(cost, given)
    own_dtype = None if cost is None and given["dtype"] is None else conditions.dtype
    with aside():
        target = load_target(model)
        is_measured = real is RealOption.always
        module = build_model(target, parse_arguments(arguments or []), weights=is_measured or time)
        on = read_input(
            input,
            target.input,
            conditions.batch,
            model=module,
            file=inputs,
            without_batch=no_batch or (),
        )
        if batch not in (None, 1) and not on.is_of_batch(batch):
            raise DseError(f"--batch {batch}: no input has a batch axis of it: {on}")
        seconds = time_layers(module, on.positional, on.keywords) if time else None
    if convention is not None or compare is not None:
        with aside():
            traced = told_of_real(
                lambda: trace(
                    module, on.positional, on.keywords, real=real.value_of, functions=True
                )
            )
        if traced.on_data is not None:
            note(traced.on_data)
        if convention is not None:
            print_convention(traced, convention, LayerFormat(format.value), seconds)
        if compare is not None:
            names = [name.strip() for name in compare.split(",") if name.strip()]
            print_comparison(traced, names, LayerFormat(format.value))
        if format in READ_BY_PEOPLE:
            print(f"\n{model} on {on}")
        return
    with aside():
        labels = None if label is None else parse_input(label, conditions.batch)
        of_step = named_loss(loss)
        counted = told_of_real(
            lambda: count_model(
                module,
                on.positional,
                on.keywords,
                real=real.value_of,
                strict=strict,
                dtype=own_dtype,
                precision=conditions.precision,
                optimizer=conditions.optimizer,
                kernels=conditions.kernels,
                context=conditions.context,
                loss=of_step,
                labels=labels,
            )
        )
        if loss is not None:
            _ = counted.step
        costs, times = counted.with_training(), None
        if page is not None:
            times = layer_times(counted.trace, Roofline(page, own_dtype or dtype_in(counted.trace)))
            costs = with_given(costs, latency=sum(each.nanoseconds for each in times))
        if conditions.runtime != "eager" and not is_measured:
            deployed = deployed_memory(
                module, on.positional, conditions.runtime, own_dtype or "int8", on.keywords
            )
            costs = with_given(costs, **deployed.costs)
        timeline = None
        if memory or training or picture is not None:
            timeline = timeline_of(counted, training)
        shown = Shown(
            model=model,
            on=on,
            costs=costs,
            layers=read_layers(counted, depth, collapse, seconds, times),
            unknown=counted.unknown,
            backward_macs=counted.backward_macs if backward else None,
            timeline=timeline if memory or training else None,
            allocated=run_on_allocator(
                module,
                on.positional,
                training,
                conditions.optimizer,
                on.keywords,
                find_loss(of_step, labels),
            )
            if is_measured and timeline is not None
            else None,
            depth=depth,
            loss=counted.loss,
            bounds=() if budget is None else checked_bounds(budget, costs, counted.layers),
        )
    print_count(shown, format)
    if picture is not None and timeline is not None:
        draw_timeline(timeline, f"{model} on {on}", training, picture)
    if counted.on_data is not None:
        note(counted.on_data)
    if counted.unseen is not None:
        note(counted.unseen)
    if counted.unknown and format is not CountFormat.json:
        listed = ", ".join(f"{name} (×{times})" for name, times in counted.unknown.items())
        note(f"operators of unknown cost, not counted: {listed}")
    fail_if_broken(model, shown.bounds)


def _page_of(device: str) -> str | Path:
    """Return a page of a device by its name, or by its path."""
    return Path(device) if device.endswith((".yaml", ".yml")) else device
