"""Makes the topics of the house on a Kafka, and tells how many partitions each has."""

import time
from concurrent.futures import Future
from typing import Any

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient, NewTopic, TopicMetadata  # type: ignore[attr-defined]

from ward.adapters.kafka.client_logging import ClientLogging
from ward.adapters.kafka.settings import KafkaSettings
from ward.adapters.partitioning import Partitioning
from ward.errors import LogUnavailable
from ward.topics import ALL, SINGLE

_PATIENCE = 10.0
_LOOKS = 50


def make_topics(settings: KafkaSettings, voice: ClientLogging) -> Partitioning:
    """Make what is not there yet. Raises `LogUnavailable` when a topic is neither there nor can be made."""
    config: dict[str, Any] = {**settings.common(), "logger": voice}
    admin = AdminClient(config)
    try:
        there = _counts(admin, settings)
        missing = [topic for topic in ALL if topic not in there]
        faults: list[str] = []
        if missing:
            made = admin.create_topics([_new(topic, settings) for topic in missing], request_timeout=_PATIENCE)
            faults = [str(fault) for future in made.values() if (fault := _fault(future))]
        for _ in range(_LOOKS):  # what was made shows a moment later
            if len(there) == len(ALL):
                return Partitioning(settings.partitions, there)
            time.sleep(0.1)
            there = _counts(admin, settings)
    except KafkaException as error:
        raise LogUnavailable(f"Kafka at {settings.servers} does not answer: {error.args[0].str()}") from error
    absent = ", ".join(settings.prefix + topic for topic in ALL if topic not in there)
    raise LogUnavailable(f"Kafka at {settings.servers} lacks the topics {absent}: {'; '.join(faults) or 'not yet'}")


def _counts(admin: AdminClient, settings: KafkaSettings) -> dict[str, int]:
    known = admin.list_topics(timeout=_PATIENCE).topics
    return {topic: len(known[settings.prefix + topic].partitions) for topic in ALL if _whole(known, settings, topic)}


def _whole(known: dict[str, TopicMetadata], settings: KafkaSettings, topic: str) -> bool:
    found = known.get(settings.prefix + topic)
    return found is not None and len(found.partitions) > 0


def _new(topic: str, settings: KafkaSettings) -> NewTopic:
    keep = settings.retention.of(topic)
    if keep is None:
        # Cleaned when a third is old, and at least once an hour, so that a restart does not read a year.
        config = {
            "cleanup.policy": "compact",
            "min.cleanable.dirty.ratio": "0.3",
            "segment.ms": "3600000",
            "max.compaction.lag.ms": "3600000",
        }
    else:
        config = {"cleanup.policy": "delete", "retention.ms": str(round(keep * 1000))}
    count = 1 if topic in SINGLE else settings.partitions
    return NewTopic(settings.prefix + topic, count, settings.replication, config=config)


def _fault(future: "Future[None]") -> KafkaException | None:
    """Why a topic was not made; another process may have been faster, and then it is there."""
    try:
        future.result(_PATIENCE + 5)
    except KafkaException as error:
        return error
    return None
