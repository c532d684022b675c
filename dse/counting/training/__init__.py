"""One training step of a model: backward pass, loss, optimizer, and what is kept for them."""

from typing import TYPE_CHECKING

from dse.lazy_exports import lazily, names_of

if TYPE_CHECKING:
    from dse.counting.training.backward import backward_macs as backward_macs
    from dse.counting.training.checkpointing import with_checkpoints as with_checkpoints
    from dse.counting.training.losses import LOSSES as LOSSES
    from dse.counting.training.losses import OWN_LOSS as OWN_LOSS
    from dse.counting.training.losses import TrainingLoss as TrainingLoss
    from dse.counting.training.losses import find_loss as find_loss
    from dse.counting.training.step_records import TrainingStep as TrainingStep
    from dse.counting.training.step_records import highest as highest
    from dse.counting.training.training_step import labelled as labelled
    from dse.counting.training.training_step import run_step as run_step
    from dse.counting.training.training_step import trace_step as trace_step

_HOMES = {
    "dse.counting.training.backward": ("backward_macs",),
    "dse.counting.training.checkpointing": ("with_checkpoints",),
    "dse.counting.training.losses": ("LOSSES", "OWN_LOSS", "TrainingLoss", "find_loss"),
    "dse.counting.training.step_records": ("TrainingStep", "highest"),
    "dse.counting.training.training_step": ("labelled", "run_step", "trace_step"),
}

__getattr__ = lazily(__name__, _HOMES)

__all__ = names_of(_HOMES)
