"""The ward of docker-compose.yml, brought up as people do it, with folders and ports of its own."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import yaml

from tests.compose.docker import Docker
from tests.compose.images import OURS, ROOT
from tests.engines.engine import free_port

MAILBOX = "mailbox"


class Project:
    """One compose project. Nothing of it touches the checkout: secrets and config are copies in a folder of ours."""

    def __init__(self, docker: Docker, folder: Path, standins: bool = True) -> None:
        self.docker, self.folder, self.root = docker, folder, ROOT
        self.name = f"wardtest{os.getpid()}"
        self.mqtt, self.screen, self.grafana, self.screen_2 = free_port(), free_port(), free_port(), free_port()
        self.secrets = folder / "secrets"
        shutil.copytree(ROOT / "config", folder / "config", ignore=shutil.ignore_patterns("settings.yaml"))
        subprocess.run([sys.executable, str(ROOT / "deploy" / "make_secrets.py"), str(self.secrets)], check=True)
        self._fill_in("mail_url", f"mailto://{MAILBOX}:2525/?from=ward@ward.test&to=nurse@ward.test&mode=insecure")
        variables = {
            "WARDWATCH_IMAGE": OURS, "CONFIG_DIR": folder / "config", "SECRETS_DIR": self.secrets,
            "PUBLISH_MQTT": f"127.0.0.1:{self.mqtt}", "PUBLISH_SCREEN": f"127.0.0.1:{self.screen}",
            "PUBLISH_GRAFANA": f"127.0.0.1:{self.grafana}", "PUBLISH_SCREEN_2": f"127.0.0.1:{self.screen_2}",
        }  # fmt: skip
        (folder / "env").write_text("".join(f"{name}={value}\n" for name, value in variables.items()))
        files = [ROOT / "docker-compose.yml", *([ROOT / "tests/compose/standins.yml"] if standins else [])]
        self.command = [
            *_compose(docker), *(f"--file={file}" for file in files), f"--project-directory={ROOT}",
            f"--env-file={folder}/env", f"--project-name={self.name}", "--profile=demo", "--profile=two",
        ]  # fmt: skip

    def compose(self, *arguments: str, wait: float = 300) -> str:
        return self.docker.run([*self.command, *arguments], wait)

    def services(self) -> list[str]:
        """The services that `up` starts and that keep running."""
        services = yaml.safe_load(self.compose("config"))["services"]
        return [name for name, entry in services.items() if entry.get("restart") == "unless-stopped"]

    def up(self) -> None:
        try:
            self.compose("up", "--detach", "--no-build", wait=600)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.logs()}") from None
        self.open_mailbox()

    def open_mailbox(self) -> None:
        """A real SMTP server on the ward's network, which prints what it gets."""
        self.docker(
            "run", "--detach", f"--name={self.name}-{MAILBOX}", f"--network={self.name}_default",
            f"--network-alias={MAILBOX}", "--entrypoint=python", OURS,
            "-u", "-m", "aiosmtpd", "--nosetuid", "--listen=0.0.0.0:2525",
        )  # fmt: skip

    def container(self, service: str) -> str:
        """Asked of the engine itself: compose takes a second for each answer."""
        label = "label=com.docker.compose"
        project, named = f"{label}.project={self.name}", f"{label}.service={service}"
        return self.docker("ps", "--all", "--quiet", "--filter", project, "--filter", named).split()[0]

    def health(self, service: str) -> str:
        """The state of a service in the engine: healthy, starting, unhealthy, or not running."""
        state = self.docker.inspect(self.container(service))["State"]
        return str(state["Health"]["Status"] if state["Running"] and "Health" in state else state["Status"])

    def well(self, service: str) -> bool:
        return self.health(service) == "healthy"

    def kill(self, service: str) -> None:
        """The main process, as the kernel does when memory is short: the engine must start it again by itself."""
        before = self.docker.inspect(self.container(service))
        os.kill(before["State"]["Pid"], signal.SIGKILL)
        until(
            lambda: self.docker.inspect(self.container(service))["State"]["StartedAt"] > before["State"]["StartedAt"],
            60, f"{service} is started again",
        )  # fmt: skip

    def within(self, service: str, *command: str, given: str | None = None) -> str:
        """A command inside of a service's container."""
        return self.docker("exec", "--interactive", self.container(service), *command, given=given)

    def subjects(self) -> str:
        """All that arrived at the mailbox."""
        return self.docker("logs", f"{self.name}-{MAILBOX}")

    def logs(self) -> str:
        """The end of each service's log, for the message of a failure."""
        return self.compose("logs", "--tail=12", "--no-color")[-9000:]

    def close_mailbox(self) -> None:
        """It would keep the network from going."""
        command = ["docker", "rm", "--force", f"{self.name}-{MAILBOX}"]
        subprocess.run(command, env=self.docker.environ, capture_output=True)

    def down(self) -> None:
        self.close_mailbox()
        self.compose("down", "--volumes", "--remove-orphans", "--timeout=0")

    def _fill_in(self, name: str, text: str) -> None:
        path = self.secrets / name
        path.chmod(0o644)
        path.write_text(text, encoding="utf-8")


def _compose(docker: Docker) -> list[str]:
    newer = subprocess.run(["docker", "compose", "version"], env=docker.environ, capture_output=True)
    return ["docker", "compose"] if newer.returncode == 0 else ["docker-compose"]


def until(done: Callable[[], object], seconds: float, what: str) -> None:
    """Wait for something to become true: these are real containers, and they take the time they take."""
    end = time.monotonic() + seconds
    while True:
        try:
            if done():
                return
        except (OSError, AssertionError, ValueError, LookupError) as error:
            reason = f" ({error})"
        else:
            reason = ""
        assert time.monotonic() < end, f"after {seconds:.0f} s: {what}{reason[:2000]}"
        time.sleep(0.5)
