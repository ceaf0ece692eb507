"""How far the devices' readings are evaluated, for the workers that evaluate patients."""

from ward.bed_subject import bed_subject
from ward.clock import Micros
from ward.errors import WireError
from ward.inventory import Inventory
from ward.ports import Log
from ward.topics import DETECTOR_LAG, READINGS
from ward.wire import DETECTOR_LAG_WIRE, DetectorLag


class DeviceProgress:
    """Follows what the workers of devices report: all that they forwarded until then is in the log.

    Without it a patient could be discharged while readings from before are still to be evaluated.
    """

    def __init__(self, log: Log) -> None:
        self._consumer = log.follow([DETECTOR_LAG])
        self._partitions = len(log.partitions(READINGS))
        self._newest: dict[int, DetectorLag] = {}

    def until(self) -> Micros:
        """The instant until which the readings of all devices are evaluated, except of those that are behind; 0 while
        it is not known of each partition."""
        for batch in self._consumer.poll(10_000, 0.0):
            for record in DETECTOR_LAG_WIRE.decode_many(batch.values):
                if not isinstance(record, WireError):
                    self._newest[record.partition] = record
        known = [record.until for record in self._newest.values() if record.partition < self._partitions]
        return min(known) if len(known) == self._partitions else 0

    def behind(self, inventory: Inventory) -> set[str]:
        """The patients and beds with a device that is behind."""
        late = (item for record in self._newest.values() for item in record.behind.items())
        return {subject for name, at in late if (subject := bed_subject(inventory.place(name, at)))}

    def close(self) -> None:
        """End following."""
        self._consumer.close()
