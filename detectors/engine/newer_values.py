"""Leaves out values that are older than one evaluated before, or too large to calculate with."""

from dataclasses import replace

import numpy as np

from detectors.engine.bed_forward import BedForward
from detectors.engine.devices import Devices
from detectors.engine.result import EngineResult
from detectors.engine.waves.block import Block
from detectors.engine.waves.wave import Wave

# A larger value is not evaluated: no sensor measures it, and its square makes every sum useless.
LARGEST = 1e15


class NewerValues:
    """Follows the newest value of each series. `forward` collects what rules about beds need."""

    def __init__(self, devices: Devices, forward: BedForward | None) -> None:
        self._devices = devices
        self._bed_forward = forward

    def of_wave(self, wave: Wave, result: EngineResult) -> Wave:
        """The wave without values that are older than one evaluated before, or too large."""
        newest, x = self._devices.series.newest, wave.x
        newer = wave.t > newest[wave.series_slice]
        if not (newer.all() and (not len(x) or (x.max() < LARGEST and x.min() > -LARGEST))):
            good = newer & (np.abs(x) < LARGEST)
            result.out_of_order += int((~newer).sum())
            result.too_large += int((newer & ~good).sum())
            wave = wave.only(np.flatnonzero(good))
        if self._bed_forward:
            origin, received_at = wave.origin[wave.reading], wave.received_at[wave.reading]
            before = newest[wave.series_slice]
            self._bed_forward.collect(origin, wave.series, wave.x, wave.t, before, received_at)
        newest[wave.series_slice] = wave.t
        return wave

    def of_block(self, block: Block, result: EngineResult) -> Block:
        """The block without values that are older than one evaluated before, or too large."""
        series, found = self._devices.series, []
        for values in block.series:
            number, t = values.series, block.at[values.steps]
            series.last_seen[number] = block.received_at[values.steps[-1]]
            series.count[number] += len(t)
            usable = np.abs(values.x) < LARGEST
            newest = np.maximum.accumulate(np.concatenate(([series.newest[number]], np.where(usable, t, -np.inf))))
            newer = t > newest[:-1]
            if self._bed_forward and series.forwarded[number]:
                good, numbers = newer & usable, np.full(len(t), number)
                origin, received_at = block.origin[values.steps], block.received_at[values.steps]
                self._bed_forward.collect(
                    origin[good], numbers[good], values.x[good], t[good], newest[:-1][good], received_at[good]
                )
            result.out_of_order += int((~newer).sum())
            result.too_large += int((newer & ~usable).sum())
            series.newest[number] = newest[-1]
            if (newer & usable).any():
                found.append(values.only(newer & usable))
        return replace(block, series=found)
