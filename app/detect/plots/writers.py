"""What writes a plot: chosen by the name of the file."""

from collections.abc import Callable

from app.detect.plots.plot import Plot
from ward.errors import SettingsError
from ward.ids import printable


def plot_writer(name: str) -> Callable[[Plot, str], None]:
    """What writes a plot to a file of this name. Raises `SettingsError`, also where matplotlib is missing."""
    if name.lower().endswith((".html", ".htm")):
        from app.detect.plots.html_page import write_page

        return write_page
    if not name.lower().endswith(".png"):
        raise SettingsError(f"--plot: the name ends with .png or .html, not '{printable(name[-40:])}'")
    try:
        import matplotlib as _  # noqa: F401
    except ImportError:
        raise SettingsError(
            "--plot: a .png needs matplotlib: pip install 'wardwatch[plot]'; an .html needs nothing"
        ) from None
    from app.detect.plots.png import write_png

    return write_png
