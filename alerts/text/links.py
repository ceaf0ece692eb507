"""Links to the ward screen."""

from urllib.parse import quote


def screen_link(external_url: str, bed: str = "", alert: str = "") -> str:
    """The page of a bed, or of the ward where `bed` is empty; with `alert` the page opens that alert."""
    base = f"{external_url.rstrip('/')}/{f'bed/{quote(bed)}' if bed else ''}"
    return f"{base}?alert={quote(alert)}" if alert else base
