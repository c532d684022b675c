"""Which model `dse count` is pointed at, and which of its options go together."""

from typing import TYPE_CHECKING

from dse.lazy_exports import lazily, names_of

if TYPE_CHECKING:
    from dse.cli.counted.count_options import AskedOfCount as AskedOfCount
    from dse.cli.counted.count_options import check_options as check_options
    from dse.cli.counted.counted_models import build_model as build_model
    from dse.cli.counted.counted_models import load_target as load_target
    from dse.cli.counted.counted_models import named_loss as named_loss
    from dse.cli.counted.counted_models import parse_arguments as parse_arguments
    from dse.cli.counted.real_option import RealOption as RealOption
    from dse.cli.counted.real_option import told_of_real as told_of_real
    from dse.cli.counted.real_option import with_real as with_real

_HOMES = {
    "dse.cli.counted.count_options": ("AskedOfCount", "check_options"),
    "dse.cli.counted.counted_models": (
        *("build_model", "load_target", "named_loss", "parse_arguments"),
    ),
    "dse.cli.counted.real_option": ("RealOption", "told_of_real", "with_real"),
}

__getattr__ = lazily(__name__, _HOMES)

__all__ = names_of(_HOMES)
