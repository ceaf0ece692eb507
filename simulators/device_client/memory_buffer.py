"""What devices keep, in memory: for virtual time, and for devices that forget when they lose power."""

from collections import Counter, deque

from simulators.device_client.buffer import BufferedReading


class MemoryDeviceBuffer:
    """A bounded queue a device."""

    def __init__(self, most: int = 20_000) -> None:
        self._most = most
        self._place = 0
        self._starts: Counter[str] = Counter()
        self._kept: dict[str, deque[BufferedReading]] = {}
        self._overwritten: Counter[str] = Counter()

    def starts(self, device: str) -> int:
        self._starts[device] += 1
        return self._starts[device]

    def add(self, device: str, boot: str, seq: int, payload: bytes) -> None:
        self._place += 1
        kept = self._kept.setdefault(device, deque())
        if len(kept) >= self._most:
            kept.popleft()
            self._overwritten[device] += 1
        kept.append(BufferedReading(self._place, boot, seq, payload))

    def after(self, device: str, place: int, limit: int) -> list[BufferedReading]:
        found: list[BufferedReading] = []
        for reading in self._kept.get(device, ()):
            if len(found) >= limit:
                break
            if reading.place > place:
                found.append(reading)
        return found

    def forget(self, device: str, boot: str, seq: int) -> int:
        kept = self._kept.get(device)
        if not kept:
            return 0
        before = len(kept)
        if kept[0].boot == boot:  # the usual case: what is thanked for is what is oldest
            while kept and kept[0].boot == boot and kept[0].seq <= seq:
                kept.popleft()
        else:
            self._kept[device] = deque(r for r in kept if r.boot != boot or r.seq > seq)
        return before - len(self._kept[device])

    def count(self, device: str) -> int:
        return len(self._kept.get(device, ()))

    def overwritten(self, device: str) -> int:
        return self._overwritten[device]

    def close(self) -> None:
        """Nothing to give back: whoever holds this object still holds what is kept."""
