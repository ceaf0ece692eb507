"""Names of the topics of the log, and the MQTT topics of a device."""

from dataclasses import dataclass

READINGS = "ward.readings"
FINDINGS = "ward.findings"
ALERTS = "ward.alerts"
ALERTS_STATE = "ward.alerts-state"
ACTIONS = "ward.actions"
COMMANDS = "ward.commands"
QUARANTINE = "ward.quarantine"
DETECTOR_STATE = "ward.detector-state"
# Values of patients, whatever devices they are from and what people observed, by patient or bed; and the state of the
# detectors that evaluate them.
BED_READINGS = "ward.bed-readings"
BED_STATE = "ward.bed-state"
BED_SCORES = "ward.bed-scores"
DETECTOR_CURVES = "ward.detector-curves"
DETECTOR_LAG = "ward.detector-lag"
HEARTBEATS = "ward.heartbeats"
CONFIG_CONFIRMATIONS = "ward.config-confirmations"
CONFIG = "ward.config"
# Without records: its partition is assigned to the one process of a group that may do something. A right with several
# places has a topic of its own, made when the first process asks, with its name at the end.
OWNERSHIP = "ward.ownership"

# Compacted topics: of each key the newest record is kept.
COMPACTED = frozenset({ALERTS, ALERTS_STATE, BED_SCORES, BED_STATE, CONFIG, DETECTOR_LAG, DETECTOR_STATE, HEARTBEATS})
ALL = (
    READINGS, FINDINGS, ALERTS, ALERTS_STATE, ACTIONS, COMMANDS, QUARANTINE, DETECTOR_STATE, DETECTOR_CURVES,
    DETECTOR_LAG, HEARTBEATS, CONFIG, CONFIG_CONFIRMATIONS, OWNERSHIP, BED_READINGS, BED_SCORES,
    BED_STATE,
)  # fmt: skip
# Topics with one partition: they have few records, whose order matters across keys.
SINGLE = frozenset(
    {ALERTS, ALERTS_STATE, ACTIONS, CONFIG, DETECTOR_LAG, HEARTBEATS, OWNERSHIP, QUARANTINE, CONFIG_CONFIRMATIONS}
)


@dataclass(frozen=True, slots=True)
class DeviceTopics:
    """The MQTT topics of one device below the root of the config."""

    root: str
    ward: str
    device: str

    @property
    def readings(self) -> str:
        """Readings from the device."""
        return f"{self.root}/{self.ward}/{self.device}/readings"

    @property
    def status(self) -> str:
        """`online` or `offline`, from the device or as its last will."""
        return f"{self.root}/{self.ward}/{self.device}/status"

    @property
    def ack(self) -> str:
        """Acknowledgements to the device."""
        return f"{self.root}/{self.ward}/{self.device}/ack"

    @property
    def command(self) -> str:
        """Commands to the device."""
        return f"{self.root}/{self.ward}/{self.device}/command"

    @property
    def result(self) -> str:
        """Results of commands, from the device."""
        return f"{self.root}/{self.ward}/{self.device}/command/result"
