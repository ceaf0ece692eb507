"""The names of things in transit: topics of the log, and the shape of topics on MQTT."""

from dataclasses import dataclass

READINGS = "ward.readings"
FINDINGS = "ward.findings"
ALERTS = "ward.alerts"
ACTIONS = "ward.actions"
COMMANDS = "ward.commands"
QUARANTINE = "ward.quarantine"
DETECTOR_STATE = "ward.detector-state"
SCORES = "ward.scores"
HEALTH = "ward.health"

# Records of a compacted topic are kept by key: the newest is enough.
COMPACTED = frozenset({ALERTS, DETECTOR_STATE, HEALTH})
ALL = (READINGS, FINDINGS, ALERTS, ACTIONS, COMMANDS, QUARANTINE, DETECTOR_STATE, SCORES, HEALTH)
# One partition: their order matters across keys, and there is little of them.
SINGLE = frozenset({ALERTS, ACTIONS, HEALTH, QUARANTINE})


@dataclass(frozen=True, slots=True)
class DeviceTopics:
    """The MQTT topics of one device below the root that a site has chosen."""

    root: str
    ward: str
    device: str

    @property
    def readings(self) -> str:
        return f"{self.root}/{self.ward}/{self.device}/readings"

    @property
    def status(self) -> str:
        return f"{self.root}/{self.ward}/{self.device}/status"

    @property
    def ack(self) -> str:
        return f"{self.root}/{self.ward}/{self.device}/ack"

    @property
    def command(self) -> str:
        return f"{self.root}/{self.ward}/{self.device}/command"

    @property
    def result(self) -> str:
        return f"{self.root}/{self.ward}/{self.device}/command/result"
