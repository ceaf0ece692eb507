"""A picture that turns violet by itself: the wall's own watch on whether anything still arrives.

Grafana keeps showing the last answer while the next one does not come: with InfluxDB hanging, or Grafana or the
network gone, every tile would stay *fine* for ever. So each tile is covered by a picture that is clear when it is
loaded and says NO DATA 14 s later, which nothing but the browser is needed for. Its address has the time of the
snapshot in it: a newer snapshot is another picture, and that begins anew.
"""

from urllib.parse import quote

from grafana.palette import NO_DATA, NO_DATA_WORDS

AFTER = 14  # seconds: snapshots come every 5, refreshes too, so a living wall shows a newer one within 10
_PICTURE = """\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 480 182" preserveAspectRatio="none" opacity="0">\
<set attributeName="opacity" to="1" begin="{after}s" fill="freeze"/>\
<rect width="480" height="182" fill="{fill}"/>\
<text x="240" y="80" font-size="44" font-family="sans-serif" fill="#fff" text-anchor="middle">{words}</text>\
<text x="240" y="125" font-size="18" font-family="sans-serif" fill="#fff" text-anchor="middle">\
this screen stands still: go and look</text><desc>\
"""


def watch_unit() -> str:
    """A unit of Grafana that shows a time as the address of the picture: what is in brackets is taken as it is."""
    begin = _PICTURE.format(after=AFTER, fill=NO_DATA, words=NO_DATA_WORDS)
    return f"time:[data:image/svg+xml,{_encoded(begin)}]x[{_encoded('</desc></svg>')}]"


def _encoded(text: str) -> str:
    # Grafana takes for an address only what has a colon and a slash in it.
    return quote(text, safe=":/=")
