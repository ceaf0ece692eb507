"""An acknowledged record survives a kill: of the writing process, and of the engine."""

import contextlib
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tests.contracts.log.reading import take
from tests.engines.engine import Engine
from tests.kit.log_records import log_values
from ward.adapters.kafka.log import KafkaLog
from ward.adapters.kafka.settings import KafkaSettings
from ward.adapters.sqlite.log import SqliteLog
from ward.errors import LogUnavailable
from ward.ports import Consumer, Receipt
from ward.topics import READINGS

_WRITER = """
import sys
from pathlib import Path
from ward.adapters.sqlite.log import SqliteLog
log = SqliteLog(Path(sys.argv[1]))
for n in range(1_000_000):
    assert log.send("ward.readings", [(f"d{n % 7}", b"%d" % n)]).acked(10)
    sys.stdout.write(f"{n}\\n")
    sys.stdout.flush()
"""


@pytest.mark.guarantee("A record with a receipt is in the log after a kill -9 of its writer.")
def test_a_killed_writer_leaves_everything_it_had_a_receipt_for(tmp_path: Path) -> None:
    settled = -1
    for kills in range(3):
        path = tmp_path / f"log{kills}.db"
        with subprocess.Popen([sys.executable, "-c", _WRITER, str(path)], stdout=subprocess.PIPE) as writer:
            assert writer.stdout is not None
            while settled < 100 + 37 * kills:
                settled = int(writer.stdout.readline())
            writer.kill()
            settled = max([settled, *map(int, writer.stdout.read().split(b"\n")[:-1])])
        log = SqliteLog(path)
        found = [int(value) for value in log_values(log, READINGS)]
        log.close()
        assert set(found) >= set(range(settled + 1))
        assert len(found) == len(set(found))
        settled = -1


@pytest.mark.engines
def test_a_killed_kafka_leaves_everything_there_was_a_receipt_for_once_and_in_order(
    kafka: Engine, tmp_path: Path
) -> None:
    """Sent across a kill -9 of the broker: receipts stay open meanwhile, and nothing stands twice."""
    log = KafkaLog(KafkaSettings(servers=f"127.0.0.1:{kafka.port}", prefix=f"{tmp_path.name}."))
    receipts: list[Receipt] = []
    for n in range(300):
        receipts.append(log.send(READINGS, [(f"d{k}", b"%d" % n) for k in range(10)]))
        if n == 100:
            assert receipts[0].acked(30)
            kafka.kill()
        if n == 200:
            assert not receipts[-1].acked(0.5)
            assert log.problem()
            kafka.start()
    assert all(receipt.acked(60) for receipt in receipts)
    found = take(log.follow([READINGS]), 3000)
    for k in range(10):
        mine = [v for b in found for key, v in zip(b.keys, b.values, strict=True) if key == f"d{k}"]
        assert mine == [b"%d" % n for n in range(300)]
    assert log.problem() == ""
    log.close()


@pytest.mark.engines
def test_a_frozen_kafka_keeps_receipts_open_and_duplicates_nothing(kafka: Engine, tmp_path: Path) -> None:
    log = KafkaLog(KafkaSettings(servers=f"127.0.0.1:{kafka.port}", prefix=f"{tmp_path.name}."))
    assert log.send(READINGS, [("k", b"0")]).acked(30)
    kafka.freeze()
    receipts = [log.send(READINGS, [("k", b"%d" % n)]) for n in range(1, 50)]
    assert not receipts[-1].acked(12)  # longer than a request may take: it is sent again
    kafka.thaw()
    assert all(receipt.acked(60) for receipt in receipts)
    found = [v for b in take(_followed(log), 50) for v in b.values]
    assert found == [b"%d" % n for n in range(50)]
    log.close()


@pytest.mark.engines
def test_a_full_queue_slows_the_sender_and_loses_nothing(kafka: Engine, tmp_path: Path) -> None:
    servers = f"127.0.0.1:{kafka.port}"
    log = KafkaLog(KafkaSettings(servers=servers, prefix=f"{tmp_path.name}.", queue=100))
    receipts: list[Receipt] = []
    senders = [
        threading.Thread(
            target=lambda k=k: receipts.extend(
                log.send(READINGS, [(f"d{k}", b"%d" % (500 * part + n)) for n in range(500)]) for part in range(4)
            )
        )
        for k in range(4)
    ]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    assert len(receipts) == 16
    assert all(receipt.acked(30) for receipt in receipts)
    found = take(log.follow([READINGS]), 8000)
    for k in range(4):
        mine = [v for b in found for key, v in zip(b.keys, b.values, strict=True) if key == f"d{k}"]
        assert mine == [b"%d" % n for n in range(2000)]
    log.close()


@pytest.mark.engines
def test_an_unreachable_kafka_is_unavailable_and_is_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    from tests.engines.engine import free_port
    from ward.errors import LogUnavailable

    log = KafkaLog(KafkaSettings(servers=f"127.0.0.1:{free_port()}"))
    with pytest.raises(LogUnavailable, match="does not answer"):
        log.send(READINGS, [("k", b"")])
    assert log.problem() == "" or "Kafka" in log.problem()
    log.close()
    assert len(caplog.records) < 10


def _followed(log: KafkaLog, tries: int = 4) -> Consumer:
    """A Kafka that was suspended for long has no leader for a while and answers so; the test tries again."""
    for _ in range(tries - 1):
        with contextlib.suppress(LogUnavailable):
            return log.follow([READINGS])
    return log.follow([READINGS])
