"""How far behind a group is: in all, and by partition."""

from ward.lag_metrics import publish_lag
from ward.metrics import Metrics
from ward.ports import Partition


def told(metrics: Metrics, of: dict[int, int]) -> None:
    lags = {Partition("ward.readings", number): records for number, records in of.items()}
    publish_lag(metrics, "archive", ("ward.readings",), lags)


def test_a_partition_that_went_to_another_is_no_longer_told() -> None:
    metrics = Metrics()
    told(metrics, {0: 5, 1: 7})
    told(metrics, {1: 3, 2: 0})
    lag = {name: n for name, n in metrics.numbers().items() if name.startswith("wardwatch_consumer_")}
    assert lag == {
        'wardwatch_consumer_lag_records{group="archive",topic="ward.readings"}': 3,
        'wardwatch_consumer_partition_lag_records{group="archive",partition="1",topic="ward.readings"}': 3,
        'wardwatch_consumer_partition_lag_records{group="archive",partition="2",topic="ward.readings"}': 0,
    }


def test_a_topic_without_a_partition_of_ours_has_no_lag() -> None:
    metrics = Metrics()
    told(metrics, {0: 5})
    told(metrics, {})
    lag = {name: n for name, n in metrics.numbers().items() if name.startswith("wardwatch_consumer_")}
    assert lag == {'wardwatch_consumer_lag_records{group="archive",topic="ward.readings"}': 0}
