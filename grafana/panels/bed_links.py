"""Links on the tiles of the ward overview: a canvas of Grafana 9.4 has none, but shows an image with a link in it."""

from collections.abc import Iterable
from urllib.parse import quote
from xml.sax.saxutils import quoteattr

from grafana_foundation_sdk.models.dashboard import ValueMap, ValueMapping, ValueMappingResult

from grafana.panels.canvas import svg_address
from ward.inventory import Bed

TIME_FROM = "now-6h"  # of the overview, and so of what a tile leads to
_IMAGE = (
    "<svg xmlns='http://www.w3.org/2000/svg' width='100%' height='100%'><a href={address} aria-label={name}>"
    "<rect width='100%' height='100%' fill='transparent' pointer-events='all'/></a></svg>"
)


def bed_links(beds: Iterable[Bed]) -> ValueMapping:
    """Each bed as the address of an image that leads to its dashboard; another bed has none."""
    return ValueMap(
        options={bed.id: ValueMappingResult(icon=_address(bed), index=index) for index, bed in enumerate(beds)}
    )


def _address(bed: Bed) -> str:
    # Without a slash at its beginning: relative to where Grafana is served.
    address = f"d/ward-bed?var-ward={quote(bed.ward)}&var-bed={quote(bed.id)}&from={TIME_FROM}&to=now"
    return svg_address(_IMAGE.format(address=quoteattr(address), name=quoteattr(f"{bed.label}: its curves")))
