"""A picture that turns violet by itself: the wall's own watch on whether anything still arrives.

Grafana keeps showing the last answer while the next one does not come: with InfluxDB hanging, or Grafana or the
network gone, every tile would stay *No alert* for ever. So each tile is covered by a picture that is clear when it is
loaded and says NO DATA 14 s later, for which nothing but the browser is needed. Each snapshot has another beat than
the one before, and each beat another picture, which begins anew.
"""

from urllib.parse import quote

from grafana_foundation_sdk.models.dashboard import ValueMap, ValueMapping, ValueMappingResult

from grafana.palette import NO_DATA, NO_DATA_WORDS

AFTER = 14  # seconds: snapshots come every 5, refreshes too, so a living wall shows a newer one within 10
BEATS = 12  # as the snapshot counts them
_AS_THEY_ARE = ":/= '<>"  # inside of `url("…")`
_PICTURE = (
    "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 480 182' preserveAspectRatio='none' opacity='0' id='b{beat}'>"
    "<set attributeName='opacity' to='1' begin='{after}s' fill='freeze'/><path fill='{fill}' d='M0 0h480v182H0z'/>"
    "<g fill='#fff' font-family='sans-serif' text-anchor='middle'><text x='240' y='85' font-size='44'>{words}</text>"
    "<text x='240' y='125' font-size='18'>this screen stands still: go and look</text></g></svg>"
)


def watch() -> ValueMapping:
    """A beat as the address of its picture, which a canvas takes for the icon of the value."""
    return ValueMap(options={str(beat): ValueMappingResult(icon=_address(beat), index=beat) for beat in range(BEATS)})


def _address(beat: int) -> str:
    picture = _PICTURE.format(beat=beat, after=AFTER, fill=NO_DATA, words=NO_DATA_WORDS)
    # Grafana takes for an address only what has a colon and a slash in it.
    return "data:image/svg+xml," + quote(picture, safe=_AS_THEY_ARE)
