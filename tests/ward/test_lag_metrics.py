"""How far behind a group is: in all, and by partition."""

from ward.lag_metrics import publish_lag
from ward.metrics import Metrics
from ward.ports import Partition


def publish(metrics: Metrics, of: dict[int, int]) -> None:
    lags = {Partition("ward.readings", number): records for number, records in of.items()}
    publish_lag(metrics, "archive", ("ward.readings",), lags)


def test_the_metric_of_a_revoked_partition_is_removed() -> None:
    metrics = Metrics()
    publish(metrics, {0: 5, 1: 7})
    publish(metrics, {1: 3, 2: 0})
    lag = {name: n for name, n in metrics.samples().items() if name.startswith("wardwatch_consumer_")}
    assert lag == {
        'wardwatch_consumer_lag_records{group="archive",topic="ward.readings"}': 3,
        'wardwatch_consumer_partition_lag_records{group="archive",partition="1",topic="ward.readings"}': 3,
        'wardwatch_consumer_partition_lag_records{group="archive",partition="2",topic="ward.readings"}': 0,
    }


def test_a_topic_without_a_partition_of_ours_has_no_lag() -> None:
    metrics = Metrics()
    publish(metrics, {0: 5})
    publish(metrics, {})
    lag = {name: n for name, n in metrics.samples().items() if name.startswith("wardwatch_consumer_")}
    assert lag == {'wardwatch_consumer_lag_records{group="archive",topic="ward.readings"}': 0}
