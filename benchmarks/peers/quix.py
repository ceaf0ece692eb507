"""quixstreams with one CUSUM on one signal: run by the Python of `.venv-bench`, which has it, and nothing of ours.

    python quix.py BROKERS TOPIC COUNT

Prints how many messages it evaluated from the first one to the last, with seconds, CPU-seconds and MB, as JSON.
"""

import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from quixstreams import Application, State

LEARN, SLACK, LIMIT = 100, 0.5, 50.0
COUNT = int(sys.argv[3])
began: list[float] = []
took: list[float] = []
calls = iter(range(COUNT, 0, -1))


def cusum(value: dict[str, Any], state: State) -> float:
    """The textbook with a learned target: mean and variance after Welford, then two sums; the state as one entry."""
    if not began:
        began.extend((time.perf_counter(), time.process_time()))
    n, mean, squares, high, low = state.get("cusum", (0, 0.0, 0.0, 0.0, 0.0))
    x = value["values"]["heart_rate"]
    if n < LEARN:
        off = x - mean
        n, mean = n + 1, mean + off / (n + 1)
        squares += off * (x - mean)
    else:
        z = (x - mean) / (squares / (n - 1)) ** 0.5
        high, low = max(0.0, high + z - SLACK), max(0.0, low - z - SLACK)
    state.set("cusum", (n, mean, squares, high, low))
    if next(calls) == 1:
        took.extend((time.perf_counter() - began[0], time.process_time() - began[1]))
    return float(max(high, low)) / LIMIT


def main() -> None:
    brokers, topic = sys.argv[1:3]
    with tempfile.TemporaryDirectory() as folder:
        app = Application(
            brokers, consumer_group=f"quix-{topic}", auto_offset_reset="earliest", state_dir=folder, loglevel="ERROR"
        )
        frame = app.dataframe(app.topic(topic, value_deserializer="json"))
        frame = frame.apply(cusum, stateful=True)
        app.run(frame, count=COUNT, collect=False)
    peak = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    print(json.dumps([COUNT, *took, int(peak.split()[1]) / 1024]))


if __name__ == "__main__":
    main()
