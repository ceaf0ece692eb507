"""Taking over a partition: the state of its devices is restored from the log."""

import logging
from dataclasses import dataclass, field

import msgspec

from detectors.engine.engine import Engine
from detectors.worker.state_codec import restore
from ward.errors import WireError
from ward.finding import Finding
from ward.ids import printable
from ward.metrics import Metrics
from ward.ports import Log, Partition
from ward.wire import STATE_WIRE

logger = logging.getLogger(__name__)


class _StateOffset(msgspec.Struct):
    """Of two records of a device, the one of the higher offset is the newer one."""

    device: str
    offset: int


@dataclass(slots=True)
class Recovered:
    """The offset up to which each device's readings are in its state, and findings about episodes that the config
    in force ends."""

    offsets: dict[str, int] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)


def recover(log: Log, engine: Engine, partition: Partition, metrics: Metrics) -> Recovered:
    """Read a partition of a state topic, and restore each device from its newest record.

    A record that cannot be read is counted and logged; its device is restored from an older record where there is
    one, else it starts again with the readings that the log still has.
    """
    out = Recovered()
    for key, value in _newest(log, partition, metrics).items():
        try:
            record = STATE_WIRE.decode(value)
        except WireError as error:
            _report_unreadable(key, str(error), metrics)
            continue
        out.offsets[key] = record.offset
        if record.series:
            out.findings += restore(engine, record)
            metrics.states_restored.labels("restored").inc()
    return out


def _newest(log: Log, partition: Partition, metrics: Metrics) -> dict[str, bytes]:
    """The newest record of each device: the one of the highest offset, so that a stopped worker that writes late
    does not replace a newer state by an older one."""
    newest: dict[str, tuple[int, bytes]] = {}
    for batch in log.scan(partition):
        for key, value in zip(batch.keys, batch.values, strict=True):
            try:
                state = msgspec.json.decode(value, type=_StateOffset)
            except (msgspec.MsgspecError, UnicodeDecodeError) as error:
                _report_unreadable(key, str(error), metrics)
                continue
            if state.device == key and (key not in newest or state.offset >= newest[key][0]):
                newest[key] = state.offset, value
    return {key: value for key, (_, value) in newest.items()}


def _report_unreadable(key: str, error: str, metrics: Metrics) -> None:
    metrics.states_restored.labels("unreadable").inc()
    logger.error("the saved state of %s cannot be read: %s", printable(key), printable(error))
