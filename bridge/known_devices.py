"""What the bridge remembers of each device. Ids can be invented, so devices that are not registered are bounded."""

from collections import OrderedDict
from collections.abc import Callable, Container

from bridge.device_progress import DeviceProgress
from bridge.refusal import RefusalReason, Refused
from ward.clock import Clock
from ward.inventory import MOST_UNREGISTERED
from ward.metrics import Metrics

# A device that has sent nothing for so many seconds may be forgotten for a new one.
QUIET = 300.0
# Seconds for which it is reported that devices were forgotten or refused.
RECENT = 600.0


class KnownDevices:
    """The progress of each device, of at most `MOST_UNREGISTERED` unregistered ones.

    For a new one beyond that, the device is forgotten that has sent nothing for longest; `forgotten` is called with it.
    In an hour that may be as many as there may be in all, since each is a series in history: further new ones are
    refused, and so they are while all are sending. A forgotten device is new when it sends again. Registered devices
    are never forgotten and never refused.
    """

    def __init__(self, clock: Clock, metrics: Metrics, forgotten: Callable[[str], None]) -> None:
        self._clock = clock
        self._metrics = metrics
        self._forgotten = forgotten
        self._inventory: Container[str] = ()
        self._registered: dict[str, DeviceProgress] = {}
        self._unregistered: OrderedDict[str, tuple[DeviceProgress, float]] = OrderedDict()  # and when it last sent
        self._new_left = float(MOST_UNREGISTERED)
        self._counted_at = clock.monotonic()
        self._exceeded_at = float("-inf")

    def configure(self, inventory: Container[str]) -> None:
        """Use another inventory."""
        now, self._inventory = self._clock.monotonic(), inventory
        known = self._unregistered | {device: (progress, now) for device, progress in self._registered.items()}
        self._registered = {device: progress for device, (progress, _) in known.items() if device in inventory}
        self._unregistered = OrderedDict((device, of) for device, of in known.items() if device not in inventory)
        self._forget_oldest()

    def progress(self, device: str) -> DeviceProgress:
        """What is known of a device that sends now. Raises `Refused` for a new one beyond the bound."""
        registered = self._registered.get(device)
        if registered is not None:
            return registered
        now, known = self._clock.monotonic(), self._unregistered.get(device)
        if known is None:
            return self._new(device, now)
        self._unregistered[device] = known[0], now
        self._unregistered.move_to_end(device)
        return known[0]

    def restored(self, device: str) -> DeviceProgress:
        """The same for a device that the log has: it was accepted before."""
        if device in self._inventory:
            return self._registered.setdefault(device, DeviceProgress())
        progress, _ = self._unregistered.pop(device, (DeviceProgress(), 0.0))
        self._unregistered[device] = progress, self._clock.monotonic()
        self._forget_oldest()
        return progress

    def report(self) -> None:
        """Set the metrics of unregistered devices."""
        self._metrics.unregistered_devices.set_part(self, len(self._unregistered))
        recent = self._clock.monotonic() - self._exceeded_at < RECENT
        self._metrics.unregistered_devices_exceeded.set_part(self, float(recent))

    def close(self) -> None:
        """Its devices do not count in the metrics any more."""
        self._metrics.unregistered_devices.remove_part(self)
        self._metrics.unregistered_devices_exceeded.remove_part(self)

    def _new(self, device: str, now: float) -> DeviceProgress:
        progress = DeviceProgress()
        if device in self._inventory:
            self._registered[device] = progress
            return progress
        self._admit(now)
        self._unregistered[device] = progress, now
        self._forget_oldest()
        return progress

    def _admit(self, now: float) -> None:
        """Raises `Refused` where there is no place for a new device, or too many were new within an hour."""
        refilled = self._new_left + (now - self._counted_at) * MOST_UNREGISTERED / 3600
        self._new_left, self._counted_at = min(MOST_UNREGISTERED, refilled), now
        full = len(self._unregistered) >= MOST_UNREGISTERED
        if self._new_left < 1 or (full and now - next(iter(self._unregistered.values()))[1] < QUIET):
            self._exceeded_at = now
            raise Refused(
                RefusalReason.DEVICES,
                f"there are {len(self._unregistered)} devices that are not in ward.yaml, or too many are new: add it",
            )
        self._new_left -= 1

    def _forget_oldest(self) -> None:
        while len(self._unregistered) > MOST_UNREGISTERED:
            device, _ = self._unregistered.popitem(last=False)
            self._forgotten(device)
            self._metrics.devices_forgotten.labels("bridge").inc()
            self._exceeded_at = self._clock.monotonic()
