"""A signal with gaps."""

import math

from pydantic import Field, PrivateAttr

from simulators.faults.device_fault import DeviceFault
from simulators.random_streams import FloatArray
from ward.config.base_model import Seconds


class DropOuts(DeviceFault, kind="drop_outs"):
    """A gap begins at a `share` of the readings. Its length is exponentially distributed with mean `lasting`."""

    share: float = Field(gt=0, le=1)
    lasting: Seconds = Field(gt=0)
    _until: dict[str, float] = PrivateAttr(default_factory=dict)

    def distort(self, signal: str, x: FloatArray, t: FloatArray) -> FloatArray:
        drawn = self.random(signal).random((len(t), 2))
        until = self._until.get(signal, -math.inf)
        found = x.copy()
        for i, (begins, length) in enumerate(drawn.tolist()):
            if t[i] >= until and begins < self.share:
                until = float(t[i]) - self.lasting * math.log1p(-length)
            if t[i] < until:
                found[i] = math.nan
        self._until[signal] = until
        return found
