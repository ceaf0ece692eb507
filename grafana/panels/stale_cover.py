"""An image over each tile that becomes violet by itself when no new data arrive.

Grafana keeps showing the last result while it gets no new one: if InfluxDB hangs, or Grafana or the network fails,
every tile would stay *no alert*. So an image covers each tile. It is transparent when it is loaded and shows NO DATA
14 s later; only the browser is needed for that. Each snapshot has another `beat` than the one before, and each beat
has another image, whose animation starts anew.
"""

from urllib.parse import quote

from grafana_foundation_sdk.models.dashboard import ValueMap, ValueMapping, ValueMappingResult

from grafana.panels.colours import NO_DATA, NO_DATA_TEXT

AFTER = 14  # seconds: snapshots and refreshes come every 5, so a working dashboard shows a newer one within 10
BEATS = 12  # the number of beats of the snapshots
_UNQUOTED = ":/= '<>"  # allowed inside of `url("…")`
_IMAGE = (
    "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 480 182' preserveAspectRatio='none' opacity='0' id='b{beat}'>"
    "<set attributeName='opacity' to='1' begin='{after}s' fill='freeze'/><path fill='{fill}' d='M0 0h480v182H0z'/>"
    "<g fill='#fff' font-family='sans-serif' text-anchor='middle'><text x='240' y='85' font-size='44'>{text}</text>"
    "<text x='240' y='125' font-size='18'>screen not updated: look at the patient</text></g></svg>"
)


def stale_cover() -> ValueMapping:
    """Each beat as the address of its image, which a canvas panel takes from the icon of the value."""
    return ValueMap(options={str(beat): ValueMappingResult(icon=_address(beat), index=beat) for beat in range(BEATS)})


def _address(beat: int) -> str:
    image = _IMAGE.format(beat=beat, after=AFTER, fill=NO_DATA, text=NO_DATA_TEXT)
    # Grafana recognises an address by a colon and a slash in it.
    return "data:image/svg+xml," + quote(image, safe=_UNQUOTED)
