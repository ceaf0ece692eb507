"""Publishes the consumer lag of the log."""

from collections.abc import Iterable, Mapping

from ward.metrics import Metrics
from ward.ports import Partition


def publish_lag(metrics: Metrics, group: str, topics: Iterable[str], lags: Mapping[Partition, int]) -> None:
    """Publish how many records a group has yet to process, for each of its topics and partitions.

    A topic without any assigned partition gets 0; the metrics of revoked partitions are removed.
    """
    behind: dict[str, dict[int, int]] = {topic: {} for topic in topics}
    for partition, records in lags.items():
        behind[partition.topic][partition.number] = records
    for topic, of in behind.items():
        metrics.consumer_lag.labels(group, topic).set(sum(of.values()))
        before = metrics.published_partitions.get((group, topic), frozenset())
        for revoked in before - of.keys():
            metrics.consumer_partition_lag.remove(group, topic, str(revoked))
        for number, count in of.items():
            metrics.consumer_partition_lag.labels(group, topic, str(number)).set(count)
        metrics.published_partitions[group, topic] = frozenset(of)
