"""The embedded ward in one process, flat out: broker, bridge, log, store, detectors and alerts.

    python -m benchmarks.whole_way

A flood of readings of a thousand devices goes to the embedded broker. A reading counts when it is durable in the log
and acknowledged to its device, stored, and judged by 24 rules; the clock runs until that is true of all. Beside it: a
bare paho receiver on the same broker.
"""

import tempfile
import time
from pathlib import Path

from benchmarks.apart import Apart, Gate
from benchmarks.bridge import DEVICES, bare, flood
from benchmarks.cost import Cost, Meter
from benchmarks.figure import Figure, middle
from benchmarks.runtime import EmbeddedBroker, House
from benchmarks.setting import full
from benchmarks.show import show

WANTED = 5000


def embedded(gate: Gate, broker_url: str, count: int) -> Cost:
    """All parts but the screen, until everything has come to its end."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        log, store = f"sqlite:{data}/log.db", f"sqlite:{data}/store.db"
        house = House(full(DEVICES), data, broker=broker_url, log=log, store=store)
        while not house.up:
            time.sleep(0.05)
        time.sleep(1)
        gate.ready()
        meter = Meter()
        while not house.done(count):
            time.sleep(0.1)
        cost = meter.cost(count)
        house.close()
    return cost


def run(readings: int = 40_000, rounds: int = 3) -> list[Figure]:
    def ours() -> Cost:
        broker = EmbeddedBroker()
        cost = flood(Apart(embedded, broker.url, readings), broker.port, "ward", readings)
        broker.close()
        return cost

    def theirs() -> Cost:
        broker = EmbeddedBroker()
        cost = flood(Apart(bare, broker.port, "ward", readings), broker.port, "ward", readings)
        broker.close()
        return cost

    others, costs = [theirs() for _ in range(1)], [ours() for _ in range(rounds)]
    rates = [cost.rate for cost in costs]
    mine = middle(costs)
    return [
        Figure(
            name="embedded whole way", value=mine.rate, wanted=WANTED, unit="/s", each=rates, ours=mine,
            beside="a bare paho receiver", theirs=middle(others),
        )
    ]  # fmt: skip


if __name__ == "__main__":
    show(run())
