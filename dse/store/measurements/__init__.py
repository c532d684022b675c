"""What was measured of networks: storing it, finding it again, and what people correct of it."""

from typing import TYPE_CHECKING

from dse.lazy_exports import lazily, names_of

if TYPE_CHECKING:
    from dse.store.measurements.corrections import Merged as Merged
    from dse.store.measurements.corrections import check_measurement_name as check_measurement_name
    from dse.store.measurements.corrections import count_replicates as count_replicates
    from dse.store.measurements.corrections import declared_names as declared_names
    from dse.store.measurements.corrections import forget as forget
    from dse.store.measurements.corrections import merge_replicates as merge_replicates
    from dse.store.measurements.matching import Network as Network
    from dse.store.measurements.matching import keys_by_settings as keys_by_settings
    from dse.store.measurements.matching import latest_page as latest_page
    from dse.store.measurements.matching import networks_of_ids as networks_of_ids
    from dse.store.measurements.matching import networks_of_keys as networks_of_keys
    from dse.store.measurements.measured_networks import EarlierNumber as EarlierNumber
    from dse.store.measurements.measured_networks import earlier_numbers as earlier_numbers
    from dse.store.measurements.measured_networks import means_by_key as means_by_key
    from dse.store.measurements.measured_networks import measured_of_family as measured_of_family
    from dse.store.measurements.measurement_rows import Measurement as Measurement
    from dse.store.measurements.measurement_rows import Replicate as Replicate
    from dse.store.measurements.measurement_rows import find_replicates as find_replicates
    from dse.store.measurements.measurement_rows import is_measured as is_measured
    from dse.store.measurements.measurement_rows import made_place as made_place
    from dse.store.measurements.measurement_rows import measured_before as measured_before
    from dse.store.measurements.measurement_rows import measurements_of as measurements_of
    from dse.store.measurements.measurement_rows import number_of_other_code as number_of_other_code
    from dse.store.measurements.measurement_rows import put_replicates as put_replicates
    from dse.store.measurements.measurement_rows import record_replicates as record_replicates
    from dse.store.measurements.measurement_rows import seed_label as seed_label

_HOMES = {
    "dse.store.measurements.corrections": (
        *("Merged", "check_measurement_name", "count_replicates", "declared_names", "forget"),
        *("merge_replicates",),
    ),
    "dse.store.measurements.matching": (
        *("Network", "keys_by_settings", "latest_page", "networks_of_ids", "networks_of_keys"),
    ),
    "dse.store.measurements.measured_networks": (
        *("EarlierNumber", "earlier_numbers", "means_by_key", "measured_of_family"),
    ),
    "dse.store.measurements.measurement_rows": (
        *("Measurement", "Replicate", "find_replicates", "is_measured", "made_place"),
        *("measured_before", "measurements_of", "number_of_other_code", "put_replicates"),
        *("record_replicates", "seed_label"),
    ),
}

__getattr__ = lazily(__name__, _HOMES)

__all__ = names_of(_HOMES)
