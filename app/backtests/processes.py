"""Runs a backtest in several processes, each with a share of the devices.

backtest ─▶ a process for each share, with a connection to the store of its own ─▶ results, merged
"""

import multiprocessing as mp
import signal
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.connection import wait as wait_for

from app.backtests.backtest import Backtest, BacktestResult
from ward.clock import Micros
from ward.errors import StoreUnavailable, WardwatchError
from ward.ports import Store


@dataclass
class _Part:
    """A process, our end of its pipe, and how far in the time of the backtest it is."""

    process: mp.process.BaseProcess
    pipe: Connection
    at: Micros


def run_in_processes(test: Backtest, count: int) -> Iterator[Micros]:
    """Evaluate all readings of a backtest in `count` processes. Yields how far all of them are.

    Raises `StoreUnavailable` and `QueryRefused`, the first also when a process dies.
    """
    parts = [_started(test, number, count) for number in range(count)]
    try:
        waiting = {part.pipe: part for part in parts}
        while waiting:
            for ready in wait_for(list(waiting)):
                part = waiting[ready]  # type: ignore[index]
                message = _received(part)
                if isinstance(message, BacktestResult):
                    test.merge(message)
                    part.at = test.end
                    del waiting[part.pipe]
                else:
                    part.at = message
            yield min(part.at for part in parts)
        test.finish_cohorts()
    finally:
        for part in parts:
            part.process.kill()
            part.process.join()
            part.pipe.close()


def _started(test: Backtest, number: int, count: int) -> _Part:
    # Spawned, not forked: connections and threads of this process are not inherited.
    context = mp.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    args = (test.share(number, count), test.reopen, theirs)
    process = context.Process(target=_evaluate, args=args, daemon=True)
    process.start()
    theirs.close()
    return _Part(process, ours, test.start - test.warm_up)


def _received(part: _Part) -> BacktestResult | Micros:
    try:
        message = part.pipe.recv()
    except (EOFError, OSError):
        raise StoreUnavailable("a process of the backtest ended early; what it said is above") from None
    if isinstance(message, WardwatchError):
        raise message
    assert isinstance(message, BacktestResult | int)
    return message


def _evaluate(make: Callable[[Store], Backtest], reopen: Callable[[], Store], pipe: Connection) -> None:
    """In a process of its own: evaluate a share, and send how far it is and at last the result."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent ends it
    with suppress(BrokenPipeError):
        try:
            test = make(reopen())
            for at in test.run():
                pipe.send(at)
            pipe.send(test.result())
        except WardwatchError as error:
            pipe.send(error)
