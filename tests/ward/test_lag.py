"""How far behind a group is: in all, and by partition."""

from ward.lag import tell_lag
from ward.metrics import Metrics


def test_a_partition_that_went_to_another_is_no_longer_told() -> None:
    metrics = Metrics()
    tell_lag(metrics, "archive", "ward.readings", {0: 5, 1: 7})
    tell_lag(metrics, "archive", "ward.readings", {1: 3, 2: 0})
    lag = {name: n for name, n in metrics.numbers().items() if name.startswith("wardwatch_lag")}
    assert lag == {
        'wardwatch_lag{group="archive",topic="ward.readings"}': 3,
        'wardwatch_lag_partition{group="archive",partition="1",topic="ward.readings"}': 3,
        'wardwatch_lag_partition{group="archive",partition="2",topic="ward.readings"}': 0,
    }
