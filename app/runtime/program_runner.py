"""Runs programs: their parts, the watch on the config files, and a heartbeat of each program in the log."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from app.runtime.config_keeper import ConfigKeeper
from app.runtime.confirmation_follower import ConfirmationFollower
from app.runtime.disk_watch import DiskWatch
from app.runtime.heartbeat import HeartbeatSender
from app.runtime.liveness_file import LivenessFile
from app.runtime.part_runner import PartFactory, PartRunner
from app.runtime.resources import Resources

DISK = "the disk"  # the name of the part, with which the problems that it reports begin
CONFIG_KEEPER = "the kept config"


class ProgramRunner:
    """Some of the six programs in this process, with shared resources."""

    def __init__(self, resources: Resources, factories: Mapping[str, Sequence[PartFactory]]) -> None:
        self._resources = resources
        self._factories = factories
        self.runner = PartRunner(
            [
                *(factory for parts in factories.values() for factory in parts),
                PartFactory("config", lambda: resources.live),
                *self._calendars(),
                PartFactory(CONFIG_KEEPER, self._config_keeper),
                PartFactory(DISK, self._disk_watch),
                *self._confirmations(),
                *(self._heartbeat(name) for name in factories),
                *self._liveness_file(),
            ],
            resources.metrics,
        )

    def start(self) -> None:
        self.runner.start()

    def stop(self) -> bool:
        """False when a part did not end in time."""
        return self.runner.stop()

    def _heartbeat(self, name: str) -> PartFactory:
        resources = self._resources
        return PartFactory(
            f"heartbeat-{name}",
            lambda: HeartbeatSender(
                resources.log,
                resources.live,
                resources.clock,
                resources.metrics,
                name,
                resources.instance,
                lambda: self._problem(name),
                lambda: self._role(name),
            ),
        )

    def _calendars(self) -> list[PartFactory]:
        """Those of schedules, where a program notifies people."""
        used = self._factories.keys() & {"alerts", "web"}
        return [PartFactory("calendars", lambda: self._resources.calendars)] if used else []

    def _confirmations(self) -> list[PartFactory]:
        """Confirmations of edits that wait, unless the setting `confirm_edits` is off."""
        resources, guard = self._resources, self._resources.guard
        if guard is None:
            return []
        return [PartFactory("config-confirmations", lambda: ConfirmationFollower(resources.log, guard, resources.live))]

    def _config_keeper(self) -> ConfigKeeper:
        used = self._resources
        return ConfigKeeper(used.log, used.live, used.last_config, used.clock)

    def _disk_watch(self) -> DiskWatch:
        """The folders that this process may write to; engines elsewhere report their own disks with each error."""
        settings = self._resources.settings
        urls = (settings.log_url, settings.store_url)
        files = [Path(url.removeprefix("sqlite:").partition("?")[0]) for url in urls if url.startswith("sqlite:")]
        files += [settings.health] if settings.health is not None else []
        folders = [settings.data, *(file.parent for file in files)]
        return DiskWatch(folders, self._resources.clock, self._resources.metrics)

    def _liveness_file(self) -> list[PartFactory]:
        """The file that `wardwatch health` reads, when the setting `health` names one."""
        file, clock, programs = self._resources.settings.health, self._resources.clock, list(self._factories)
        if file is None:
            return []
        problem = lambda: [text for name in programs for text in self._problem(name)]  # noqa: E731
        return [PartFactory("liveness-file", lambda: LivenessFile(file, clock, programs, problem))]

    def _problem(self, name: str) -> list[str]:
        """What is wrong with the parts of a program, each by name, and with the log it uses."""
        mine = {factory.name for factory in self._factories[name]} | {"config"}
        found: list[str] = []
        if name == ("bridge" if "bridge" in self._factories else next(iter(self._factories))):
            # One program of each process reports its disks, its config files, and what the log has lost.
            mine |= {DISK, CONFIG_KEEPER}
            found += [loss] if (loss := self._resources.log.loss()) else []
        found += [_named(part, text) for part, text in list(self.runner.problem.items()) if part in mine]
        found += [text for part in sorted(mine) if (text := self.runner.hanging(part))]
        found += [log] if (log := self._resources.log.problem()) else []
        return sorted(found, key=lambda text: not text.startswith(DISK))  # the cause before what follows from it

    def _role(self, name: str) -> str:
        """`active` or `standby`, for a program of which one instance works at a time."""
        return next((role for f in self._factories[name] if (role := self.runner.role.get(f.name))), "")


def _named(part: str, text: str) -> str:
    return text if text.startswith(part) else f"{part}: {text}"
