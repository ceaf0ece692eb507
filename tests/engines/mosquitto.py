"""Mosquitto, configured as for a hospital, but without passwords, on loopback."""

from collections.abc import Sequence

from tests.engines.engine import Engine
from tests.engines.install import program

_CONFIG = """
listener {port} 127.0.0.1
allow_anonymous {anonymous}
# As many in flight as the log's round trip needs; the bridge has a limit of its own.
max_inflight_messages 2000
# 0 is no limit: the default of 1000 drops readings while the bridge is away, and confirms them all the same.
max_queued_messages 0
max_packet_size 300000
set_tcp_nodelay true
persistence true
persistence_location {folder}/
autosave_on_changes true
autosave_interval {autosave}
log_type error
log_type warning
"""


class Mosquitto(Engine):
    """Debian's mosquitto."""

    name = "mosquitto"
    autosave = 1000
    anonymous = "true"

    def prepare(self) -> None:
        text = _CONFIG.format(
            port=self.port, folder=self.folder, autosave=self.autosave, anonymous=self.anonymous
        )  # fmt: skip
        (self.folder / "mosquitto.conf").write_text(text + self.more())

    def more(self) -> str:
        """Further lines of the configuration."""
        # Debian's server would drop its rights to a user who may not write here.
        return "user root\n" if self.folder.owner() == "root" else ""

    @property
    def url(self) -> str:
        return f"mqtt://127.0.0.1:{self.port}"

    def command(self) -> Sequence[str]:
        return [program("mosquitto") or "mosquitto", "-c", str(self.folder / "mosquitto.conf")]
