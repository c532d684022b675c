"""`dse plot network`, `timeline`, `roofline`: one network closely."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from dse.cli.common_options import DEFAULT_STORE, Allow, Store
from dse.cli.plotting.plot_options import Picture, Title

if TYPE_CHECKING:
    from dse.counting import Count

Which = Annotated[str, typer.Argument(help="A candidate's id, or a model as `dse count` takes it.")]
Input = Annotated[
    list[str] | None, typer.Option(help="Of a model: the input shape without the batch.")
]
Device = Annotated[str | None, typer.Option(help="A page of conf/device/, such as h100_sxm.")]


def network(
    id: Annotated[int, typer.Argument(help="The candidate's id, as `dse query` prints it.")],
    device: Device = None,
    picture: Picture = None,
    title: Title = "",
    allow: Allow = None,
    store: Store = DEFAULT_STORE,
) -> None:
    """Draw the blocks of a candidate, with the parameters, MACs, memory and time of each.

    Example: dse plot network 17 --device h100_sxm --picture network.html
    """
    from dse.cli.plotting.shown_figures import checked, save
    from dse.cli.printing import print_rows
    from dse.cli.terminal import aside
    from dse.project import drawn_network, open
    from dse.report import network_figure

    checked(picture)
    with aside():
        found = drawn_network(open(store), id, device, allow or ())
    if picture is None:
        print_rows(found.rows())
        return
    figure = network_figure(found.blocks, found.costs, title or found.name)
    save(figure, picture, title or found.name)


def timeline(
    which: Which,
    input: Input = None,
    training: Annotated[
        bool, typer.Option(help="Of a training step instead of inference.")
    ] = False,
    picture: Picture = None,
    title: Title = "",
    allow: Allow = None,
    store: Store = DEFAULT_STORE,
) -> None:
    """Draw how memory rises and falls while a candidate or a model runs.

    Example: dse plot timeline 17 --training --picture memory.html
    """
    from functools import partial

    from dse.cli.plotting.shown_figures import checked, show
    from dse.project import found_timeline, plot_timeline
    from dse.report import draw_memory_plainly

    checked(picture, without_browser=True)
    counted, name = _counted(which, input, store, allow or ())
    title = title or f"{name}: {'a training step' if training else 'inference'}"
    figure = plot_timeline(counted, training=training, title=title)
    plainly = partial(draw_memory_plainly, found_timeline(counted, training), title)
    show(figure, picture, title, plainly)


def roofline(
    which: Which,
    device: Annotated[str, typer.Option(help="A page of conf/device/, such as h100_sxm.")],
    input: Input = None,
    dtype: Annotated[
        str | None, typer.Option(help="Of weights and activations; by default the model's.")
    ] = None,
    picture: Picture = None,
    title: Title = "",
    allow: Allow = None,
    store: Store = DEFAULT_STORE,
) -> None:
    """Draw the layers of a candidate or a model under the roofline of a device.

    Example: dse plot roofline 17 --device h100_sxm --picture roofline.html
    """
    from dse.cli.plotting.shown_figures import checked, show
    from dse.project import plot_roofline

    checked(picture)
    counted, name = _counted(which, input, store, allow or ())
    figure = plot_roofline(counted, device, dtype=dtype, title=title or f"{name} on {device}")
    show(figure, picture, title or f"{name} on {device}")


def _counted(
    which: str, input: list[str] | None, store: str, allow: list[str] | tuple[str, ...]
) -> tuple[Count, str]:
    """Return the costs of a candidate by its id, or of a model by its path, with its name."""
    from dse.cli.counted import build_model, load_target
    from dse.cli.terminal import aside
    from dse.counting import count
    from dse.project import counted_candidate, open, read_input

    with aside():
        if which.isdecimal():
            return counted_candidate(open(store), int(which), allow)
        target = load_target(which)
        model = build_model(target, {}, weights=False)
        on = read_input(input, target.input, 1, model=model)
        return count(model, on.positional, on.keywords), f"{which} on {on}"
