"""What every broker adapter promises the bridge: order, redelivery, acknowledgements of their own connection only."""

import threading

from simulators.device_client.connection import DeviceConnection
from tests.contracts.broker.benches import Bench, Taker
from ward.ports import Message


def connected(bench: Bench, device: str, taker: Taker) -> DeviceConnection:
    """A device that is connected, its `online` taken and acknowledged."""
    link = bench.link(device)
    link.connect()
    bench.until(lambda: link.connected)
    bench.broker.acknowledge(taker.take(1))
    return link


def payloads(messages: list[Message]) -> list[bytes]:
    return [message.payload for message in messages]


def test_deliveries_come_in_order_with_their_topic_and_bytes(bench: Bench, taker: Taker) -> None:
    link = connected(bench, "m7", taker)
    sent = [b"", b"\x00\xff", b"x" * 65_536, *(b"%d" % n for n in range(50))]
    for payload in sent:
        link.publish(bench.topics("m7").readings, payload)
    found = taker.take(len(sent))
    assert payloads(found) == sent
    assert {message.topic for message in found} == {bench.topics("m7").readings}
    assert not any(message.retained for message in found)


def test_no_more_than_asked_for_come_at_once(bench: Bench, taker: Taker) -> None:
    link = connected(bench, "m7", taker)
    for n in range(30):
        link.publish(bench.topics("m7").readings, b"%d" % n)
    found = taker.take(30, limit=7)
    assert payloads(found) == [b"%d" % n for n in range(30)]
    assert bench.broker.receive(0, 0) == []


def test_what_was_not_acknowledged_comes_again_first_and_what_was_does_not(bench: Bench, taker: Taker) -> None:
    link = connected(bench, "m7", taker)
    for n in range(10):
        link.publish(bench.topics("m7").readings, b"%d" % n)
    found = taker.take(10)
    bench.broker.acknowledge(found[:4])
    bench.lose()
    link.publish(bench.topics("m7").readings, b"meanwhile")
    bench.back()
    again = taker.readings(7)
    assert payloads(again) == [b"4", b"5", b"6", b"7", b"8", b"9", b"meanwhile"]
    assert not any(message.redelivered for message in (*found, again[-1]))
    assert all(message.redelivered == bench.marks_redelivered for message in again[:-1])


def test_an_acknowledgement_of_an_earlier_connection_is_never_sent(bench: Bench, taker: Taker) -> None:
    """Packet ids are used again: sent late, it would acknowledge another reading, which would then be lost."""
    link = connected(bench, "m7", taker)
    for n in range(5):
        link.publish(bench.topics("m7").readings, b"%d" % n)
    held = taker.take(5)
    bench.back()
    for n in range(5, 10):
        link.publish(bench.topics("m7").readings, b"%d" % n)
    again = taker.unacknowledged(10)
    assert payloads(again) == [b"%d" % n for n in range(10)]
    bench.broker.acknowledge(held)
    bench.back()
    assert payloads(taker.readings(10)) == payloads(again)


def test_acknowledging_twice_does_no_harm(bench: Bench, taker: Taker) -> None:
    link = connected(bench, "m7", taker)
    link.publish(bench.topics("m7").readings, b"1")
    found = taker.take(1)
    bench.broker.acknowledge(found)
    bench.broker.acknowledge([])
    link.publish(bench.topics("m7").readings, b"2")
    assert payloads(taker.readings(1)) == [b"2"]


def test_the_broker_keeps_what_comes_while_the_bridge_is_away(bench: Bench, taker: Taker) -> None:
    link = connected(bench, "m7", taker)
    bench.lose()
    for n in range(500):
        link.publish(bench.topics("m7").readings, b"%d" % n)
    bench.back()
    assert payloads(taker.readings(500)) == [b"%d" % n for n in range(500)]


def test_a_bridge_that_starts_again_finds_what_it_had_not_acknowledged(bench: Bench, taker: Taker) -> None:
    link = connected(bench, "m7", taker)
    for n in range(20):
        link.publish(bench.topics("m7").readings, b"%d" % n)
    bench.broker.acknowledge(taker.take(20)[:5])
    bench.restart_bridge()
    assert payloads(taker.readings(15)) == [b"%d" % n for n in range(5, 20)]


def test_a_bridge_that_does_not_acknowledge_gets_no_more_than_the_window(bench: Bench, taker: Taker) -> None:
    link = connected(bench, "m7", taker)
    for n in range(bench.window + 50):
        link.publish(bench.topics("m7").readings, b"%d" % n)
    found = taker.take(bench.window)
    taker.nothing()
    assert bench.broker.problem() == ""
    bench.broker.acknowledge(found)
    assert payloads(taker.take(50)) == [b"%d" % n for n in range(bench.window, bench.window + 50)]


def test_a_new_bridge_receives_retained_messages_marked_as_retained(bench: Bench, taker: Taker) -> None:
    link = connected(bench, "m7", taker)
    bench.new_bridge()
    (status,) = taker.take(1)
    assert (status.topic, status.payload, status.retained) == (bench.topics("m7").status, b"online", True)
    bench.broker.acknowledge([status])
    link.publish(bench.topics("m7").readings, b"live")
    assert not taker.readings(1)[0].retained


def test_a_publication_reaches_the_device_it_is_for(bench: Bench, taker: Taker) -> None:
    seven, eight = connected(bench, "m7", taker), connected(bench, "m8", taker)
    bench.broker.publish(bench.topics("m8").ack, b"other")
    bench.broker.publish(bench.topics("m7").ack, b'{"boot":"k","seq":1}')
    assert bench.hear(seven, 1) == [(bench.topics("m7").ack, b'{"boot":"k","seq":1}')]
    assert bench.hear(eight, 1) == [(bench.topics("m8").ack, b"other")]


def test_a_lost_connection_is_reported_and_restored(bench: Bench, taker: Taker) -> None:
    link = connected(bench, "m7", taker)
    assert bench.broker.problem() == ""
    bench.lose()
    assert "broker" in bench.broker.problem()
    bench.broker.publish(bench.topics("m7").ack, b"nobody hears this")
    assert bench.broker.receive(10, 0) == []
    bench.back()
    assert bench.broker.problem() == ""
    link.publish(bench.topics("m7").readings, b"again")
    assert payloads(taker.readings(1)) == [b"again"]


def test_a_broker_that_has_gone_silent_is_noticed_and_left(bench: Bench, taker: Taker) -> None:
    """It takes packets and does nothing: nine seconds later, by the clock, that is known, and mended afterwards."""
    link = connected(bench, "m7", taker)
    bench.mute()
    assert bench.broker.problem() != ""
    bench.back()
    link.publish(bench.topics("m7").readings, b"again")
    assert payloads(taker.readings(1)) == [b"again"]


def test_any_thread_may_acknowledge_and_publish(bench: Bench, taker: Taker) -> None:
    link = connected(bench, "m7", taker)
    for n in range(60):
        link.publish(bench.topics("m7").readings, b"%d" % n)
    found = taker.take(60)

    def work(mine: list[Message]) -> None:
        for message in mine:
            bench.broker.acknowledge([message])
            bench.broker.publish(bench.topics("m7").ack, message.payload)

    threads = [threading.Thread(target=work, args=(found[k::3],)) for k in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    heard = [payload for _, payload in bench.hear(link, 60)]
    assert sorted(heard, key=int) == payloads(found)
    bench.back()
    link.publish(bench.topics("m7").readings, b"only this")
    assert payloads(taker.readings(1)) == [b"only this"]


def test_acknowledgements_given_out_of_order_count_all_the_same(bench: Bench, taker: Taker) -> None:
    link = connected(bench, "m7", taker)
    for n in range(20):
        link.publish(bench.topics("m7").readings, b"%d" % n)
    found = taker.take(20)
    for message in [*found[10:], *found[:7]]:
        bench.broker.acknowledge([message])
    bench.broker.acknowledge(found[7:10])
    bench.back()
    assert bench.broker.problem() == ""
    link.publish(bench.topics("m7").readings, b"only this")
    assert payloads(taker.readings(1)) == [b"only this"]


def test_what_is_unwanted_is_acknowledged_and_not_delivered_and_the_rest_stays_in_order(
    bench: Bench, taker: Taker
) -> None:
    wanted, unwanted = connected(bench, "m7", taker), connected(bench, "m8", taker)
    skipped = bench.topics("m8").readings
    bench.broker.skip(lambda topic: topic == skipped)
    for n in range(60):
        unwanted.publish(skipped, b"%d" % n)
        wanted.publish(bench.topics("m7").readings, b"%d" % n)

    def wanted_only(count: int) -> list[bytes]:
        """Some that the server had sent before it knew may still come."""
        taken: list[Message] = []
        while len(taken) < count:
            came = taker.some()
            bench.broker.acknowledge(came)
            taken += [message for message in came if message.topic == bench.topics("m7").readings]
        return payloads(taken)

    assert wanted_only(60) == [b"%d" % n for n in range(60)]
    bench.lose()
    wanted.publish(bench.topics("m7").readings, b"meanwhile")
    bench.back()
    assert wanted_only(1) == [b"meanwhile"]
