"""The contract of both device buffers."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from simulators.device_client.buffer import DeviceBuffer
from simulators.device_client.memory_buffer import MemoryDeviceBuffer
from simulators.device_client.sqlite_buffer import SqliteDeviceBuffer
from ward.clock import SECOND

Opener = Callable[[int], DeviceBuffer]


@pytest.fixture(params=["memory", "sqlite"])
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Opener]:
    made: list[DeviceBuffer] = []

    def opener(most: int) -> DeviceBuffer:
        made.append(
            MemoryDeviceBuffer(most) if request.param == "memory" else SqliteDeviceBuffer(tmp_path / "buffer.db", most)
        )
        return made[-1]

    yield opener
    for buffer in made:
        buffer.close()


def test_stored_readings_are_returned_in_order_by_device(opened: Opener) -> None:
    buffer = opened(100)
    for seq in (1, 2, 3):
        buffer.add("a", "b1", seq, b"a%d" % seq)
        buffer.add("b", "b1", seq, b"b%d" % seq)
    found = buffer.after("a", 0, 10)
    assert [(r.boot, r.seq, r.payload) for r in found] == [("b1", 1, b"a1"), ("b1", 2, b"a2"), ("b1", 3, b"a3")]
    assert [r.seq for r in buffer.after("a", found[0].position, 10)] == [2, 3]
    assert [r.seq for r in buffer.after("b", 0, 2)] == [1, 2]
    assert buffer.after("c", 0, 10) == []
    assert (buffer.count("a"), buffer.count("b"), buffer.count("c")) == (3, 3, 0)


def test_an_acknowledgement_covers_its_own_boot_only(opened: Opener) -> None:
    buffer = opened(100)
    for boot, seq in (("b1", 1), ("b1", 2), ("b2", 1), ("b2", 2), ("b2", 3)):
        buffer.add("a", boot, seq, b"")
    assert buffer.remove("a", "b2", 2) == 2
    assert buffer.remove("a", "b2", 2) == 0
    assert buffer.remove("a", "b9", 99) == 0
    assert buffer.remove("z", "b1", 99) == 0
    assert [(r.boot, r.seq) for r in buffer.after("a", 0, 10)] == [("b1", 1), ("b1", 2), ("b2", 3)]
    assert buffer.remove("a", "b1", 9) == 2
    assert buffer.count("a") == 1


def test_the_oldest_is_overwritten_and_counted(opened: Opener) -> None:
    buffer = opened(3)
    for seq in range(1, 6):
        buffer.add("a", "b1", seq, b"")
        buffer.add("b", "b1", 1, b"")
    assert [r.seq for r in buffer.after("a", 0, 10)] == [3, 4, 5]
    assert (buffer.overwritten("a"), buffer.overwritten("b"), buffer.overwritten("c")) == (2, 2, 0)


def test_starts_are_counted_by_device(opened: Opener) -> None:
    buffer = opened(3)
    assert [buffer.next_boot("a"), buffer.next_boot("a"), buffer.next_boot("b")] == [1, 2, 1]


def test_a_file_survives_a_kill(tmp_path: Path) -> None:
    killed = SqliteDeviceBuffer(tmp_path / "buffer.db")
    killed.next_boot("a")
    for seq in range(1, 8):
        killed.add("a", "b1", seq, b"x")
    killed.remove("a", "b1", 2)
    # Not closed: a kill does not close anything either.
    found = SqliteDeviceBuffer(tmp_path / "buffer.db")
    assert [r.seq for r in found.after("a", 0, 99)] == [3, 4, 5, 6, 7]
    assert found.count("a") == 5
    assert found.next_boot("a") == 2
    found.remove("a", "b1", 9)
    found.add("a", "b2", 1, b"y")
    assert found.after("a", 0, 1)[0].position > 7, "a position is never used twice"
    killed.close()
    found.close()


def test_a_damaged_file_is_put_aside_and_no_start_gets_the_number_of_an_earlier_one(tmp_path: Path) -> None:
    path, wall = tmp_path / "devices.db", 1_764_000_000 * SECOND
    buffer = SqliteDeviceBuffer(path)
    assert [buffer.next_boot("mon-7") for _ in range(3)] == [1, 2, 3]
    buffer.close()
    path.write_bytes(b"no database at all, but long enough to be one" * 40)
    again = SqliteDeviceBuffer(path, wall=wall)
    assert again.next_boot("mon-7") == 1_764_000_000
    assert again.next_boot("mon-7") == 1_764_000_001
    assert (tmp_path / f"devices.db.broken-{wall}").exists()
    again.close()
