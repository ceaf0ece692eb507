"""Creates the topics in Kafka, and returns how many partitions each has."""

import time
from collections.abc import Iterable, Mapping
from concurrent.futures import Future
from typing import Any

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient, NewTopic, TopicMetadata  # type: ignore[attr-defined]

from ward.adapters.kafka.client_logging import ClientLogging
from ward.adapters.kafka.settings import KafkaSettings
from ward.adapters.partitioning import Partitioning
from ward.errors import LogUnavailable
from ward.topics import ALL, SINGLE

_TIMEOUT = 10.0
_ATTEMPTS = 50


def make_topics(settings: KafkaSettings, client_logging: ClientLogging) -> Partitioning:
    """Create missing topics. Raises `LogUnavailable` when a topic is missing and cannot be created."""
    wanted = {topic: 1 if topic in SINGLE else settings.partitions for topic in ALL}
    return Partitioning(settings.partitions, _make(settings, client_logging, wanted))


def make_topic(settings: KafkaSettings, client_logging: ClientLogging, topic: str, partitions: int) -> int:
    """Create one more topic if it is missing. Returns how many partitions it has. Raises `LogUnavailable`."""
    return _make(settings, client_logging, {topic: partitions})[topic]


def _make(settings: KafkaSettings, client_logging: ClientLogging, wanted: Mapping[str, int]) -> dict[str, int]:
    config: dict[str, Any] = {**settings.common(), "logger": client_logging}
    admin = AdminClient(config)
    try:
        there = _counts(admin, settings, wanted)
        missing = [_new(topic, count, settings) for topic, count in wanted.items() if topic not in there]
        faults: list[str] = []
        if missing:
            made = admin.create_topics(missing, request_timeout=_TIMEOUT)
            faults = [str(fault) for future in made.values() if (fault := _fault(future))]
        for _ in range(_ATTEMPTS):  # a new topic is visible a moment later
            if len(there) == len(wanted):
                return there
            time.sleep(0.1)
            there = _counts(admin, settings, wanted)
    except KafkaException as error:
        raise LogUnavailable(
            f"Kafka at {settings.servers} does not answer: is it running, and is WARDWATCH_LOG_URL right? "
            f"({error.args[0].str()})"
        ) from error
    absent = ", ".join(settings.prefix + topic for topic in wanted if topic not in there)
    raise LogUnavailable(f"Kafka at {settings.servers} lacks the topics {absent}: {'; '.join(faults) or 'not yet'}")


def _counts(admin: AdminClient, settings: KafkaSettings, wanted: Iterable[str]) -> dict[str, int]:
    known = admin.list_topics(timeout=_TIMEOUT).topics
    return {topic: len(known[settings.prefix + topic].partitions) for topic in wanted if _whole(known, settings, topic)}


def _whole(known: dict[str, TopicMetadata], settings: KafkaSettings, topic: str) -> bool:
    found = known.get(settings.prefix + topic)
    return found is not None and len(found.partitions) > 0


def _new(topic: str, count: int, settings: KafkaSettings) -> NewTopic:
    keep = settings.retention.of(topic)
    if keep is None:
        # Compacted when a third is old, and at least once an hour, so that a restart reads little.
        config = {
            "cleanup.policy": "compact",
            "min.cleanable.dirty.ratio": "0.3",
            "segment.ms": "3600000",
            "max.compaction.lag.ms": "3600000",
        }
    else:
        config = {"cleanup.policy": "delete", "retention.ms": str(round(keep * 1000))}
    return NewTopic(settings.prefix + topic, count, settings.replication, config=config)


def _fault(future: "Future[None]") -> KafkaException | None:
    """Why a topic was not created, such as because another process has created it."""
    try:
        future.result(_TIMEOUT + 5)
    except KafkaException as error:
        return error
    return None
