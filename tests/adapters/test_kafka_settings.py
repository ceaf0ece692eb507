"""The settings of librdkafka that guarantees depend on; no test on one small broker would notice a change."""

from ward.adapters.kafka.settings import KafkaSettings

SETTINGS = KafkaSettings(servers="127.0.0.1:9092", prefix="site.", session=10)


def test_a_receipt_means_that_all_replicas_have_it_once_and_in_order() -> None:
    producer = SETTINGS.producer()
    assert (producer["acks"], producer["enable.idempotence"]) == ("all", True)


def test_no_record_is_given_up_while_the_broker_is_away() -> None:
    assert SETTINGS.producer()["message.timeout.ms"] == 0


def test_the_queue_in_memory_is_limited() -> None:
    assert 0 < SETTINGS.producer()["queue.buffering.max.messages"] <= 100_000


def test_positions_are_committed_after_the_work_and_a_deleted_position_is_an_error() -> None:
    for settings in (SETTINGS.reader(), SETTINGS.member("archive", 0)):
        assert settings["enable.auto.commit"] is False
        assert settings["enable.auto.offset.store"] is False
        assert settings["auto.offset.reset"] == "error"


def test_a_rebalance_moves_few_partitions_and_a_restart_within_the_session_moves_none() -> None:
    assert SETTINGS.member("detectors", 0)["partition.assignment.strategy"] == "cooperative-sticky"
    assert "group.instance.id" not in SETTINGS.member("detectors", 0)
    named = KafkaSettings(servers="s", instance="detectors-1", session=10).member("detectors", 2)
    assert (named["group.instance.id"], named["session.timeout.ms"]) == ("detectors-1-2", 10_000)
    assert named["heartbeat.interval.ms"] <= named["session.timeout.ms"] / 3
