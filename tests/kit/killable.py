"""A log and a store whose user may be killed before and after each operation that changes them."""

from collections.abc import Iterable, Mapping, Sequence

from tests.kit.kill_switch import KillSwitch
from ward.adapters.memory.log import DurableReceipt, MemoryLog
from ward.clock import Micros
from ward.errors import StoreRefused, StoreUnavailable
from ward.ports import Partition, Point, RollupBucket, Row, Store
from ward.retention_policy import RetentionPolicy


class KillableLog(MemoryLog):
    """A log in memory. Operations count while `armed`, and with a `group` only the commits of that group."""

    def __init__(self, switch: KillSwitch, group: str | None = None, armed: bool = True) -> None:
        super().__init__()
        self.switch = switch
        self.group = group
        self.armed = armed

    def send(self, topic: str, records: Iterable[tuple[str, bytes]]) -> DurableReceipt:
        counted = self.armed and self.group is None
        if counted:
            self.switch.operation()
        receipt = super().send(topic, records)
        if counted:
            self.switch.operation()
        return receipt

    def commit(self, group: str, positions: Mapping[Partition, int]) -> None:
        counted = self.group in (None, group)
        if counted:
            self.switch.operation()
        super().commit(group, positions)
        if counted:
            self.switch.operation()


class KillableStore:
    """A store. While `unavailable` it answers nothing; it refuses points that have one of the `refused` values."""

    def __init__(self, store: Store, switch: KillSwitch) -> None:
        self._store = store
        self._switch = switch
        self.unavailable = False
        self.refused: set[float] = set()

    def write(self, points: Sequence[Point], policy: RetentionPolicy | None = None) -> None:
        self._begin()
        if any(self.refused & set(point.fields.values()) for point in points):
            raise StoreRefused("a field has another type there")
        self._store.write(points, policy)
        self._switch.operation()

    def summaries(
        self, measurement: str, where: Mapping[str, str], start: Micros, end: Micros, every: float
    ) -> list[RollupBucket]:
        self._begin()
        return self._store.summaries(measurement, where, start, end, every)

    def rows(
        self, measurement: str, where: Mapping[str, str], start: Micros, end: Micros, limit: int,
        policy: RetentionPolicy | None = None,
    ) -> list[Row]:  # fmt: skip
        self._begin()
        return self._store.rows(measurement, where, start, end, limit, policy)

    def _begin(self) -> None:
        self._switch.operation()
        if self.unavailable:
            raise StoreUnavailable("away")

    def __getattr__(self, name: str) -> object:
        return getattr(self._store, name)
