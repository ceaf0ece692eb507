"""What librdkafka is told: each of these is what a guarantee stands on, and none of them shows on one small broker."""

from ward.adapters.kafka.settings import KafkaSettings

SETTINGS = KafkaSettings(servers="127.0.0.1:9092", prefix="site.", session=10)


def test_a_receipt_means_that_all_replicas_have_it_once_and_in_order() -> None:
    producer = SETTINGS.producer()
    assert (producer["acks"], producer["enable.idempotence"]) == ("all", True)


def test_no_record_is_given_up_because_a_broker_is_away_for_long() -> None:
    assert SETTINGS.producer()["message.timeout.ms"] == 0


def test_what_waits_in_memory_is_bounded() -> None:
    assert 0 < SETTINGS.producer()["queue.buffering.max.messages"] <= 100_000


def test_positions_move_when_the_work_is_done_and_are_never_skipped_in_silence() -> None:
    for settings in (SETTINGS.reader(), SETTINGS.member("archive", 0)):
        assert settings["enable.auto.commit"] is False
        assert settings["enable.auto.offset.store"] is False
        assert settings["auto.offset.reset"] == "error"


def test_only_what_must_move_moves_and_a_restart_within_the_session_moves_nothing() -> None:
    assert SETTINGS.member("detectors", 0)["partition.assignment.strategy"] == "cooperative-sticky"
    assert "group.instance.id" not in SETTINGS.member("detectors", 0)
    named = KafkaSettings(servers="s", instance="detectors-1", session=10).member("detectors", 2)
    assert (named["group.instance.id"], named["session.timeout.ms"]) == ("detectors-1-2", 10_000)
    assert named["heartbeat.interval.ms"] <= named["session.timeout.ms"] / 3
