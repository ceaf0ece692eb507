"""An image over a panel that becomes violet by itself when no new data arrive.

Grafana keeps showing the last result while it gets no new one: if InfluxDB hangs, or Grafana or the network fails,
every tile would stay *no alert*. So an image covers each tile and the counts above them. It is transparent when it is
loaded and shows NO DATA 14 s later; only the browser is needed for that. Each snapshot has another `beat` than the one
before, and each beat has another image, whose animation starts anew.
"""

from grafana_foundation_sdk.models.dashboard import ValueMap, ValueMapping, ValueMappingResult

from grafana.panels.canvas import svg_address
from grafana.panels.colours import NO_DATA, NO_DATA_TEXT

AFTER = 14  # seconds: snapshots and refreshes come every 5, so a working dashboard shows a newer one within 10
BEATS = 12  # the number of beats of the snapshots
_IMAGE = (
    "<svg xmlns='http://www.w3.org/2000/svg' opacity='0' id='b{beat}'>"
    "<set attributeName='opacity' to='1' begin='{after}s' fill='freeze'/>"
    "<rect width='100%' height='100%' fill='{fill}'/>"
    "<g fill='#fff' font-family='sans-serif' text-anchor='middle'>"
    "<text x='50%' y='50%' font-size='{size}'>{text}</text>"
    "<text x='50%' y='80%' font-size='{small}'>not updated: look at the patients</text></g></svg>"
)


def stale_cover(size: float) -> ValueMapping:
    """Each beat as the address of its image, which a canvas takes from the icon of the value. `size` is of NO DATA."""
    return ValueMap(
        options={str(beat): ValueMappingResult(icon=_address(beat, size), index=beat) for beat in range(BEATS)}
    )


def _address(beat: int, size: float) -> str:
    small = round(size * 0.5)
    return svg_address(
        _IMAGE.format(beat=beat, after=AFTER, fill=NO_DATA, text=NO_DATA_TEXT, size=round(size), small=small)
    )
