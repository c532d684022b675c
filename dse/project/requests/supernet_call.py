"""`Project.supernet`: one training that all candidates of a space take their weights from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dse.errors import DseError, nearest
from dse.project.pages import Choice, chosen_executor

if TYPE_CHECKING:
    import polars

    from dse.project.design_spaces import Bounds, Space
    from dse.project.progress_bars import WantedProgress
    from dse.project.requests.supernet_requests import SupernetRequest, TrainedSupernet


class SupernetCall:
    """What a project does with supernets."""

    url: str

    def supernet(
        self,
        space: Space,
        output: str | Path,
        budget: Bounds = None,
        *,
        branches: Sequence[str] = (),
        start: str | None = None,
        weights: str | Path | None = None,
        importance: str | None = None,
        executor: Choice = "local",
        devices: str | Sequence[str] | None = None,
        workers: int | None = None,
        config_dir: str | Path | None = None,
        progress: WantedProgress = None,
        **training: Any,
    ) -> TrainedSupernet:
        """Train shared weights of all candidates of a space, and write them to a file.

        The objectives `inherited` and `finetuned` take the file. A training that was cut short
        goes on from the state beside it when the same is called again.

        Args:
            space: of any family.
            output: the file.
            budget: which candidates are trained on.
            branches: axes whose values have weights of their own, where they cannot be shared.
            start: `torchvision`, to begin from published weights of the space's variant.
            weights: the file of these.
            importance: what channels are ordered by before: `l1`, the default, `taylor` or `none`.
            executor: where it is trained: the name or path of a page, or what stands on one.
            devices: of this machine, on which it is; by default a GPU where there is one.
            workers: processes that share each batch of images; by default one a device that is
                named.
            config_dir: a directory of your own with pages.
            progress: True for a bar, or a function that is called with the number of epochs that
                are done, and of all.
            training: fields of `SupernetTraining`: data, epochs, batch, lr and others.

        Raises:
            DseError: for anything that does not hold, and axes that cannot be shared, before
                anything is trained.
        """
        from dataclasses import replace

        from dse.project.config_groups import read_executor
        from dse.project.progress_bars import wanted_progress
        from dse.project.requests.supernet_requests import run_supernet

        request = _request(self.url, space, output, budget, training)
        directory = None if config_dir is None else Path(config_dir)
        where = chosen_executor(executor, devices, directory)
        request = replace(
            request,
            branches=tuple(branches),
            start=start,
            weights=None if weights is None else Path(weights),
            importance=importance,
            executor=read_executor(where.name, where.content),
            workers=workers,
        )
        with wanted_progress(progress, "supernet", "epochs") as (tell, begun):
            return run_supernet(request, self.url, lambda n, of, _: tell(n, of), begun)

    def explain_supernet(self, space: Space, budget: Bounds = None) -> polars.DataFrame:
        """Return how each axis of a space would share weights; nothing is trained.

        Raises:
            DseError: where nothing is within the budget.
        """
        from dataclasses import asdict

        from dse.project.frames import frame_of

        request = _request(self.url, space, "supernet.pt", budget, {"epochs": 1})
        return frame_of([asdict(each) for each in request.explained])


def _request(
    url: str, space: Space, output: str | Path, budget: Bounds, training: dict[str, Any]
) -> SupernetRequest:
    from dse.project.design_spaces import space_in
    from dse.project.requests.supernet_requests import SupernetRequest
    from dse.supernet import SupernetTraining

    known = [each.name for each in fields(SupernetTraining)]
    for name in training:
        if name not in known:
            raise DseError(f"supernet: unknown option {name!r}; {nearest(name, known)}")
    settings = SupernetTraining(**training)
    space = space_in(url, space)
    return SupernetRequest(space, Path(output), settings, space.bounds_on(budget))
