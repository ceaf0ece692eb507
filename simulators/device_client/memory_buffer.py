"""A device buffer in memory: for virtual time, and for devices that lose their readings at power-off."""

from collections import Counter, deque

from simulators.device_client.buffer import BufferedReading


class MemoryDeviceBuffer:
    """A bounded queue for each device."""

    def __init__(self, most: int = 20_000) -> None:
        self._most = most
        self._position = 0
        self._starts: Counter[str] = Counter()
        self._readings: dict[str, deque[BufferedReading]] = {}
        self._overwritten: Counter[str] = Counter()

    def next_boot(self, device: str) -> int:
        self._starts[device] += 1
        return self._starts[device]

    def add(self, device: str, boot: str, seq: int, payload: bytes) -> None:
        self._position += 1
        stored = self._readings.setdefault(device, deque())
        if len(stored) >= self._most:
            stored.popleft()
            self._overwritten[device] += 1
        stored.append(BufferedReading(self._position, boot, seq, payload))

    def after(self, device: str, position: int, limit: int) -> list[BufferedReading]:
        found: list[BufferedReading] = []
        for reading in self._readings.get(device, ()):
            if len(found) >= limit:
                break
            if reading.position > position:
                found.append(reading)
        return found

    def remove(self, device: str, boot: str, seq: int) -> int:
        stored = self._readings.get(device)
        if not stored:
            return 0
        before = len(stored)
        if stored[0].boot == boot:  # the usual case: an acknowledgement covers the oldest readings
            while stored and stored[0].boot == boot and stored[0].seq <= seq:
                stored.popleft()
        else:
            self._readings[device] = deque(r for r in stored if r.boot != boot or r.seq > seq)
        return before - len(self._readings[device])

    def count(self, device: str) -> int:
        return len(self._readings.get(device, ()))

    def overwritten(self, device: str) -> int:
        return self._overwritten[device]

    def close(self) -> None:
        """Nothing to release: the readings stay in this object."""
