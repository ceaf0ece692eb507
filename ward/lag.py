"""How far behind the readers of the log are."""

from collections.abc import Mapping

from ward.metrics import Metrics


def tell_lag(metrics: Metrics, group: str, topic: str, records: Mapping[int, int]) -> None:
    """Publish how many records of each partition a group has not dealt with; nothing of partitions that are gone."""
    metrics.lag.labels(group, topic).set(sum(records.values()))
    (family,) = metrics.lag_partition.collect()
    told = (s.labels["partition"] for s in family.samples if (s.labels["group"], s.labels["topic"]) == (group, topic))
    for gone in {int(number) for number in told} - records.keys():
        metrics.lag_partition.remove(group, topic, str(gone))
    for number, count in records.items():
        metrics.lag_partition.labels(group, topic, str(number)).set(count)
