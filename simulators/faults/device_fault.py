"""The base of device faults: a fault changes measured values, the clock, power, the network, or sent messages."""

from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
from pydantic import Field, PrivateAttr

from simulators.device_client.buffer import BufferedReading
from simulators.random_streams import FloatArray, generator
from ward.config.base_model import ConfigModel

BoolArray = npt.NDArray[np.bool_]


class DeviceFault(ConfigModel):
    """Parameters, and hooks that by default change nothing: a fault overrides the hooks that it needs.

    One instance belongs to one device. Times `t` are seconds since the fault began, arrays of shape
    (steps,); the result must not depend on how many steps are computed at once.
    """

    registry: ClassVar[dict[str, type["DeviceFault"]]] = {}

    label: str
    about: str
    signals: tuple[str, ...] = Field(default=(), description="the signals that it affects; all when empty")
    _name: tuple[object, ...] = PrivateAttr(default=(0,))
    _generators: dict[str, np.random.Generator] = PrivateAttr(default_factory=dict)

    def __init_subclass__(cls, *, kind: str, **rest: Any) -> None:
        super().__init_subclass__(**rest)
        DeviceFault.registry[kind] = cls

    def instance(self, *name: object) -> "DeviceFault":
        """A new instance of this fault, whose random numbers follow from a name (the seed, the device, …)."""
        fresh = self.model_copy(deep=True)
        fresh._name = name
        return fresh

    def random(self, purpose: str) -> np.random.Generator:
        """The random generator of one purpose: each purpose has its own."""
        if purpose not in self._generators:
            self._generators[purpose] = generator(0, *self._name, purpose)
        return self._generators[purpose]

    def affects(self, signal: str) -> bool:
        """Whether a signal is changed. The battery is changed only by a fault that names it."""
        return signal in self.signals if self.signals else signal != "battery"

    def distort(self, signal: str, x: FloatArray, t: FloatArray) -> FloatArray:
        """The values `x` of shape (steps,) as the faulty sensor gives them; NaN is a missing value."""
        return x

    def clock_offset(self, t: FloatArray) -> FloatArray | float:
        """Offset of the device's clock in seconds; positive when it is ahead of the true time."""
        return 0.0

    def powered(self, t: FloatArray) -> BoolArray | bool:
        """Whether the device is on."""
        return True

    def plugged(self, t: FloatArray) -> BoolArray | bool:
        """Whether the device is connected to the network."""
        return True

    def transmit(self, messages: list[BufferedReading]) -> list[BufferedReading]:
        """The messages that are sent instead of these."""
        return messages

    def release(self) -> list[BufferedReading]:
        """The messages that were held back, sent when the fault ends."""
        return []
