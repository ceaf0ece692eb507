"""A job in a process of its own, so that its CPU time and memory are measured alone."""

import atexit
import multiprocessing as mp
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")
PATIENCE = 90.0


class StartGate:
    """The job's side: it reports that it is ready, and waits for `go`."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe

    def ready(self) -> None:
        self._pipe.send(("ready", None))
        self._pipe.recv()

    def asked(self) -> bool:
        """Whether `go` has been sent once more: the end of a job that runs until then."""
        return self._pipe.poll()


class SubprocessJob(Generic[T]):
    """Starts the job and waits until it is ready. `go` lets it begin, `result` waits for its result."""

    def __init__(self, job: Callable[Concatenate[StartGate, P], T], *args: P.args, **kwargs: P.kwargs) -> None:
        # Spawned, not forked: nothing of our own memory counts as the job's.
        context = mp.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_run, args=(theirs, job, args, kwargs))
        self._process.start()
        atexit.register(self._process.kill)  # else a benchmark that fails would wait for it for ever
        theirs.close()
        self._answer("ready", PATIENCE)

    def go(self) -> None:
        self._pipe.send("go")

    def result(self, within: float = PATIENCE) -> T:
        """What the job returned. Raises `AssertionError` with its error when it failed or took too long."""
        found: T = self._answer("done", within)
        self._process.join()
        atexit.unregister(self._process.kill)
        self._process.close()
        self._pipe.close()
        return found

    def finish(self, within: float = PATIENCE) -> T:
        """Let it begin, and wait for its result."""
        self.go()
        return self.result(within)

    def _answer(self, wanted: str, within: float) -> Any:
        state, what = self._received(within)
        if state != wanted:
            self._process.kill()
            raise AssertionError(f"a benchmark's process failed: {what}")
        return what

    def _received(self, within: float) -> tuple[str, Any]:
        try:
            if self._pipe.poll(within):
                answer: tuple[str, Any] = self._pipe.recv()
                return answer
        except EOFError:
            return "ended", "it ended without an answer"
        return "late", f"not done after {within:.0f} s"


def _run(pipe: Connection, job: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    try:
        pipe.send(("done", job(StartGate(pipe), *args, **kwargs)))
    except Exception as error:  # noqa: BLE001 - any error is reported to the other side
        pipe.send(("failed", repr(error)))
