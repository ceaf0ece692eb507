"""A Grafana dashboard in a browser: the title and text of each panel, and whether it shows an error."""

import base64
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page

_PANELS = "section.panel-container, section[data-testid^='data-testid Panel header']"
_ERRORS = "[aria-label='Panel header error'], [data-testid='data-testid Panel status error'], .panel-info-corner--error"
_BUSY = ".panel-loading, [aria-label='Panel loading bar'], [data-testid='data-testid panel-loading-bar']"
_TALL = {"width": 1920, "height": 6000}  # panels are loaded when they become visible: in this window all of them are
# The share of an image that has a colour, with a small tolerance.
_SHARE = """async ([png, wanted]) => {
    const image = new Image();
    image.src = "data:image/png;base64," + png;
    await image.decode();
    const paper = new OffscreenCanvas(image.width, image.height).getContext("2d");
    paper.drawImage(image, 0, 0);
    const dots = paper.getImageData(0, 0, image.width, image.height).data;
    let found = 0;
    for (let i = 0; i < dots.length; i += 4)
        found += wanted.every((part, j) => Math.abs(part - dots[i + j]) < 9);
    return found * 4 / dots.length;
}"""


@dataclass(frozen=True, slots=True)
class PanelView:
    """One panel."""

    title: str
    text: str
    error: bool

    @property
    def empty(self) -> bool:
        """Whether it shows that there are no data."""
        return any(line.strip().lower() == "no data" for line in self.text.splitlines())


class BrowserTab:
    """One tab on one Grafana."""

    def __init__(self, browser: Browser, url: str) -> None:
        self._page: Page = browser.new_page(viewport=_TALL)  # type: ignore[arg-type]
        self._url = url

    def panels(self, uid: str, query: str = "") -> list[PanelView]:
        """All panels of a dashboard, when none of them is loading any more."""
        self._page.set_viewport_size(_TALL)  # type: ignore[arg-type]
        self._open(uid, query)
        return self._shown()

    def screenshot(self, uid: str, query: str, file: Path, width: int = 1920, height: int = 1080) -> None:
        """A screenshot of a window of this size, without scrolling."""
        self._page.set_viewport_size({"width": width, "height": height})
        self._open(uid, query)
        self._page.screenshot(path=file)

    def open(self, uid: str, query: str = "") -> None:
        """Opens a dashboard that refreshes by itself every 5 s, as a screen on a wall does."""
        self._page.set_viewport_size({"width": 1920, "height": 1080})
        self._open(uid, query, "5s")

    def share(self, colour: str) -> float:
        """How much of the screen has a colour (`#rrggbb`) now: 0 to 1."""
        png = base64.b64encode(self._page.screenshot()).decode()
        return float(self._page.evaluate(_SHARE, [png, list(bytes.fromhex(colour.removeprefix("#")))]))

    def bottom(self) -> float:
        """The lower edge of the last panel, in pixels of the page as it is open now."""
        boxes = [panel.bounding_box() for panel in self._page.locator(_PANELS).all()]
        return max((box["y"] + box["height"] for box in boxes if box), default=0.0)

    def close(self) -> None:
        self._page.close()

    def _open(self, uid: str, query: str, refresh: str = "") -> None:
        # Without refresh by default: while a dashboard refreshes, a screenshot may show nothing.
        self._page.goto(f"{self._url}/d/{uid}?kiosk&refresh={refresh}&{query}", wait_until="networkidle")
        self._page.locator(_PANELS).first.wait_for(timeout=30_000)
        self._page.wait_for_function(f'document.querySelectorAll("{_BUSY}").length === 0', timeout=30_000)
        self._page.wait_for_load_state("networkidle")

    def _shown(self) -> list[PanelView]:
        return [
            PanelView(_title(panel.inner_text()), panel.inner_text(), panel.locator(_ERRORS).count() > 0)
            for panel in self._page.locator(_PANELS).all()
        ]


def _title(text: str) -> str:
    """The first line of the text of a panel is its title."""
    return text.strip().splitlines()[0] if text.strip() else ""
