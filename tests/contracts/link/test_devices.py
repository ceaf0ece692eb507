"""What every device connection guarantees: a true status, nothing sent twice, nothing that waits."""

from tests.contracts.broker.benches import Bench, Taker
from ward.ports import Message


def contents(messages: list[Message]) -> list[tuple[str, bytes]]:
    return [(message.topic, message.payload) for message in messages]


def test_a_device_connection_publishes_online_and_offline(bench: Bench, taker: Taker) -> None:
    link = bench.link("m7")
    assert not link.connected
    link.connect()
    bench.until(lambda: link.connected)
    status = bench.topics("m7").status
    assert contents(taker.take(1)) == [(status, b"online")]
    link.close()
    assert contents(taker.take(1)) == [(status, b"offline")]
    assert not link.connected


def test_a_link_that_is_lost_has_its_will_published_and_stays_lost(bench: Bench, taker: Taker) -> None:
    link = bench.link("m7")
    link.connect()
    bench.until(lambda: link.connected)
    taker.take(1)
    link.drop()
    assert not link.connected
    assert contents(taker.take(1)) == [(bench.topics("m7").status, b"offline")]
    link.publish(bench.topics("m7").readings, b"into the void")
    taker.nothing()
    link.connect()
    bench.until(lambda: link.connected)
    assert contents(taker.take(1)) == [(bench.topics("m7").status, b"online")]


def test_the_status_is_retained(bench: Bench, taker: Taker) -> None:
    link = bench.link("m7")
    link.connect()
    bench.until(lambda: link.connected)
    bench.broker.acknowledge(taker.take(1))
    link.drop()
    bench.broker.acknowledge(taker.take(1))
    bench.new_bridge()
    (status,) = taker.take(1)
    assert (status.payload, status.retained) == (b"offline", True)


def test_publishing_before_connecting_does_nothing(bench: Bench, taker: Taker) -> None:
    link = bench.link("m7")
    link.publish(bench.topics("m7").readings, b"too early")
    link.connect()
    bench.until(lambda: link.connected)
    link.publish(bench.topics("m7").readings, b"now")
    assert [m.payload for m in taker.take(2)] == [b"online", b"now"]


def test_a_device_hears_its_own_acknowledgements_and_commands_once(bench: Bench, taker: Taker) -> None:
    link, topics = bench.link("m7"), bench.topics("m7")
    link.connect()
    bench.until(lambda: link.connected)
    taker.take(1)
    bench.broker.publish(bench.topics("m8").ack, b"not ours")
    bench.broker.publish(topics.result, b"ours, but not to hear")
    bench.broker.publish(topics.ack, b"1")
    bench.broker.publish(topics.command, b"2")
    assert bench.hear(link, 2) == [(topics.ack, b"1"), (topics.command, b"2")]
    assert link.receive() == []


def test_connecting_twice_is_connecting_once(bench: Bench, taker: Taker) -> None:
    link = bench.link("m7")
    link.connect()
    link.connect()
    bench.until(lambda: link.connected)
    link.publish(bench.topics("m7").readings, b"1")
    assert [m.payload for m in taker.take(2)] == [b"online", b"1"]
    taker.nothing()


def test_closing_a_link_that_was_never_connected_does_nothing(bench: Bench, taker: Taker) -> None:
    bench.link("m7").close()
    bench.link("m8").drop()
    taker.nothing()


def test_a_hundred_links_at_once_each_have_their_own_session(bench: Bench, taker: Taker) -> None:
    links = [bench.link(f"m{n}") for n in range(100)]
    for link in links:
        link.connect()
    bench.until(lambda: all(link.connected for link in links))
    statuses: set[str] = set()
    while len(statuses) < 100:
        bench.broker.acknowledge(found := taker.some())
        statuses |= {m.topic for m in found}
    assert statuses == {bench.topics(f"m{n}").status for n in range(100)}
    for n, link in enumerate(links):
        link.publish(bench.topics(f"m{n}").readings, b"%d" % n)
    assert {m.payload for m in taker.readings(100)} == {b"%d" % n for n in range(100)}
