"""What a fault of a device is: a filter on what it measures, on its clock, power and cable, or on what it sends."""

from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
from pydantic import Field, PrivateAttr

from simulators.device_client.buffer import BufferedReading
from simulators.random_streams import FloatArray, generator
from ward.config.base_model import ConfigModel

BoolArray = npt.NDArray[np.bool_]


class DeviceFault(ConfigModel):
    """Parameters, and hooks that by default change nothing: a fault overrides the ones it is about.

    One instance belongs to one device. Times `t` are seconds since the fault began, arrays of shape
    (steps,); whether they come one by one or a thousand at once must change nothing.
    """

    registry: ClassVar[dict[str, type["DeviceFault"]]] = {}

    label: str
    about: str
    signals: tuple[str, ...] = Field(default=(), description="the signals it touches; all when empty")
    _name: tuple[object, ...] = PrivateAttr(default=(0,))
    _chance: dict[str, np.random.Generator] = PrivateAttr(default_factory=dict)

    def __init_subclass__(cls, *, kind: str, **rest: Any) -> None:
        super().__init_subclass__(**rest)
        DeviceFault.registry[kind] = cls

    def begun(self, *name: object) -> "DeviceFault":
        """A fresh instance of this fault, whose chance follows from a name (the seed, the device, …)."""
        fresh = self.model_copy(deep=True)
        fresh._name = name
        return fresh

    def chance(self, of: str) -> np.random.Generator:
        """The generator for one purpose, so that purposes do not disturb each other."""
        if of not in self._chance:
            self._chance[of] = generator(0, *self._name, of)
        return self._chance[of]

    def touches(self, signal: str) -> bool:
        """Whether a signal is changed at all. The battery only by a fault that names it."""
        return signal in self.signals if self.signals else signal != "battery"

    def distort(self, signal: str, x: FloatArray, t: FloatArray) -> FloatArray:
        """What the sensor makes of values; NaN is a missing one."""
        return x

    def ahead(self, t: FloatArray) -> FloatArray | float:
        """By how many seconds the device's clock is ahead of the true time."""
        return 0.0

    def powered(self, t: FloatArray) -> BoolArray | bool:
        """Whether the device is on."""
        return True

    def plugged(self, t: FloatArray) -> BoolArray | bool:
        """Whether its cable to the network is in."""
        return True

    def wire(self, messages: list[BufferedReading]) -> list[BufferedReading]:
        """What goes out when these should."""
        return messages

    def release(self) -> list[BufferedReading]:
        """What was held back, when the fault is over."""
        return []
