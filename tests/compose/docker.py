"""A Docker engine: the one that runs here, or one of our own for the time of the tests."""

import json
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.engines.install import program

PATIENCE = 60.0


class Docker:
    """Commands to an engine. `close` ends the engine if it is ours, and removes its data."""

    def __init__(self) -> None:
        self.environ = dict(os.environ)
        self.folder = Path(tempfile.mkdtemp(prefix="wardwatch-docker-"))
        self._engine: subprocess.Popen[bytes] | None = None
        if not self._answers():
            self._start()

    @property
    def ours(self) -> bool:
        return self._engine is not None

    def __call__(self, *arguments: str, wait: float = 300, given: str | None = None) -> str:
        """What `docker …` prints; an `AssertionError` with its whole output where it fails."""
        return self.run(["docker", *arguments], wait, given=given)

    def run(self, command: Sequence[str], wait: float = 300, cwd: Path | None = None, given: str | None = None) -> str:
        done = subprocess.run(
            command, env=self.environ, cwd=cwd, timeout=wait, text=True, input=given,
            capture_output=True,
        )  # fmt: skip
        assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout[-3000:]}\n{done.stderr[-6000:]}"
        return done.stdout

    def inspect(self, container: str) -> dict[str, Any]:
        found: list[dict[str, Any]] = json.loads(self("inspect", container))
        return found[0]

    def load(self, archive: Path, name: str) -> None:
        """An image from the archive of a root."""
        self("import", str(archive), name)

    def close(self) -> None:
        if self._engine is None:
            self.folder.rmdir()
            return
        self._engine.send_signal(signal.SIGTERM)
        try:
            self._engine.wait(60)
        except subprocess.TimeoutExpired:
            self._engine.kill()
            self._engine.wait()
        for mounted in reversed(_mounts(self.folder)):
            subprocess.run(["umount", "--lazy", mounted], check=False)
        subprocess.run(["rm", "-rf", "--one-file-system", str(self.folder)], check=False)

    def _answers(self) -> bool:
        command = ["docker", "version", "--format", "{{.Server.Version}}"]
        return subprocess.run(command, env=self.environ, capture_output=True).returncode == 0

    def _start(self) -> None:
        """An engine without a hand in the machine's firewall; images are built without a network."""
        folder, address = self.folder, f"unix://{self.folder}/sock"
        self.environ |= {"DOCKER_HOST": address, "DOCKER_BUILDKIT": "0", "COMPOSE_DOCKER_CLI_BUILD": "0"}
        with (folder / "log").open("wb") as output:
            self._engine = subprocess.Popen(
                [
                    program("dockerd") or "dockerd", "--iptables=false", "--ip6tables=false", "--bridge=none",
                    f"--data-root={folder}/data", f"--exec-root={folder}/exec", f"--pidfile={folder}/pid",
                    f"--host={address}",
                ],
                stdin=subprocess.DEVNULL, stdout=output, stderr=output,
            )  # fmt: skip
        end = time.monotonic() + PATIENCE
        while not self._answers():
            if self._engine.poll() is not None or time.monotonic() > end:
                log = (folder / "log").read_text(errors="replace")[-3000:]
                self.close()
                raise AssertionError(f"no Docker engine can be started here:\n{log}")
            time.sleep(0.2)


def _mounts(folder: Path) -> list[str]:
    lines = Path("/proc/mounts").read_text(encoding="utf-8").splitlines()
    return [where for line in lines if (where := line.split()[1]).startswith(f"{folder}/")]
