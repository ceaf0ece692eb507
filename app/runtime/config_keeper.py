"""Keeps the config that is in force in the log, for the next start."""

from app.runtime.kept_config import KEY, Contents, LastConfig, packed, without_secrets
from ward.clock import Clock
from ward.config.config import Config
from ward.config.reloader import ConfigReloader
from ward.errors import LogUnavailable
from ward.periodic import Periodic
from ward.ports import Log, Receipt
from ward.topics import CONFIG

EVERY = 1.0


class ConfigKeeper:
    """A part: writes each config that comes into force, and compares the files with the last one where the log did not
    answer at the start."""

    def __init__(self, log_: Log, live: ConfigReloader, last: LastConfig, clock: Clock) -> None:
        self._log = log_
        self._live = live
        self._last = last
        self._clock = clock
        self._period = Periodic(clock, EVERY)
        self._at_start = live.config
        self._kept = last.contents
        self._settled: Config | None = None  # this one is kept, or is too large for that
        self._sending: tuple[Contents, Receipt] | None = None
        self._too_large = ""

    def step(self, wait: float) -> int:
        """Compare and write what is due. Nothing is written before the comparison: it would replace what was kept."""
        if not self._period.wait(wait):
            return 0
        if self._last.pending:
            self._compare()
        if not self._last.pending and self._live.config is not self._settled:
            self._keep(self._live.config)
        return 1

    def problem(self) -> str:
        """Why nobody was asked what the files take away, until the config changes; or why nothing is kept."""
        if self._last.unknown and self._live.config is self._at_start:
            return (
                "the config files are in force and were not compared with the config that was last in force "
                f"({self._last.unknown}): check that no limit, bed, device or recipient is missing"
            )
        return self._too_large

    def close(self) -> None:
        """What the log has not acknowledged is written again after the next start."""

    def _compare(self) -> None:
        found = self._last.read()
        if found is not None:
            self._live.compare_with(found)
        self._kept = self._last.contents

    def _keep(self, config: Config) -> None:
        contents = without_secrets(config.contents)
        if contents == self._kept:
            self._settled = config
            return
        if self._is_sent(contents):
            return
        try:
            value, self._too_large = packed(config, self._clock.now()), ""
        except ValueError as error:
            self._kept = contents
            self._too_large = f"the next start cannot compare the config files with what is in force: {error}"
            return
        try:
            self._sending = contents, self._log.send(CONFIG, [(KEY, value)])
        except LogUnavailable:
            self._sending = None  # the next step tries again

    def _is_sent(self, contents: Contents) -> bool:
        """Whether these contents are on their way to the log, or have arrived."""
        if self._sending is None or self._sending[0] != contents:
            return False
        try:
            if self._sending[1].acked(0):
                self._kept, self._sending = contents, None
        except LogUnavailable:
            self._sending = None
            return False
        return True
