"""An engine as a process that a test can kill, freeze and start again."""

import atexit
import contextlib
import signal
import socket
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

PATIENCE = 60.0


def free_port() -> int:
    """A free port on loopback."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Engine:
    """One server on one loopback port, with its data in one folder. It keeps both over a restart."""

    name = "engine"

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.folder.mkdir(parents=True, exist_ok=True)
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self._last_words = folder / f"{self.name}.log"
        self.prepare()
        atexit.register(self.end)

    def prepare(self) -> None:
        """Write the files that the server reads at its start."""

    def command(self) -> Sequence[str]:
        raise NotImplementedError

    def environment(self) -> Mapping[str, str] | None:
        """The environment of the process; None is that of this process."""
        return None

    def ready(self) -> bool:
        """Whether it answers requests, not only whether the port is open."""
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 0.5):
            return True
        return False

    @property
    def pid(self) -> int:
        assert self._process is not None, f"{self.name} is not running"
        return self._process.pid

    def start(self) -> "Engine":
        """Start, and wait until it answers."""
        with self._last_words.open("ab") as words:
            self._process = subprocess.Popen(
                list(self.command()), stdin=subprocess.DEVNULL, stdout=words, stderr=words, cwd=self.folder,
                env=self.environment(),
            )  # fmt: skip
        for _ in range(int(PATIENCE / 0.1)):
            if self.ready():
                return self
            with contextlib.suppress(subprocess.TimeoutExpired):
                code = self._process.wait(0.1)
                raise AssertionError(f"{self.name} ended with {code}: {self.words()}")
        raise AssertionError(f"{self.name} does not answer after {PATIENCE:.0f} s: {self.words()}")

    def kill(self) -> None:
        """Send SIGKILL."""
        self._signal(signal.SIGKILL)
        if self._process is not None:
            self._process.wait()
            self._process = None

    def freeze(self) -> None:
        """SIGSTOP: connections stay open, and nothing is answered."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)

    def end(self) -> None:
        """Send SIGTERM, and SIGKILL after ten seconds."""
        process, self._process = self._process, None
        if process is None:
            return
        process.send_signal(signal.SIGCONT)
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def restart(self) -> None:
        self.end()
        self.start()

    def words(self) -> str:
        """The end of its log, for the message of a failure."""
        text = self._last_words.read_text(errors="replace") if self._last_words.exists() else ""
        return text[-2000:]

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(number)
