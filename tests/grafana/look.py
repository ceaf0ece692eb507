"""What a person in front of a Grafana dashboard sees: each panel's title, its words, and whether it is in error."""

import base64
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page

_PANELS = "section.panel-container, section[data-testid^='data-testid Panel header']"
_ERRORS = "[aria-label='Panel header error'], [data-testid='data-testid Panel status error'], .panel-info-corner--error"
_BUSY = ".panel-loading, [aria-label='Panel loading bar'], [data-testid='data-testid panel-loading-bar']"
_TALL = {"width": 1920, "height": 6000}  # panels are loaded when they come into sight: then all of them are
# How much of a picture has a colour, a little less or more of it counted in.
_SHARE = """async ([picture, wanted]) => {
    const image = new Image();
    image.src = "data:image/png;base64," + picture;
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
class Seen:
    """One panel."""

    title: str
    words: str
    error: bool

    @property
    def empty(self) -> bool:
        """Whether it says that there is nothing to show."""
        return any(line.strip().lower() == "no data" for line in self.words.splitlines())


class Look:
    """One browser tab on one Grafana."""

    def __init__(self, browser: Browser, url: str) -> None:
        self._page: Page = browser.new_page(viewport=_TALL)  # type: ignore[arg-type]
        self._url = url

    def at(self, uid: str, query: str = "") -> list[Seen]:
        """All panels of a dashboard, once none of them is loading."""
        self._page.set_viewport_size(_TALL)  # type: ignore[arg-type]
        self._open(uid, query)
        return self._panels()

    def picture(self, uid: str, query: str, file: Path, width: int = 1920, height: int = 1080) -> None:
        """What is on the screen of that size, without scrolling."""
        self._page.set_viewport_size({"width": width, "height": height})
        self._open(uid, query)
        self._page.screenshot(path=file)

    def hang(self, uid: str, query: str = "") -> None:
        """As it hangs on a wall: asked for once, and from then on refreshed by itself."""
        self._page.set_viewport_size({"width": 1920, "height": 1080})
        self._open(uid, query, "5s")

    def share(self, colour: str) -> float:
        """How much of the screen has a colour (`#rrggbb`) now: 0 to 1."""
        picture = base64.b64encode(self._page.screenshot()).decode()
        return float(self._page.evaluate(_SHARE, [picture, list(bytes.fromhex(colour.removeprefix("#")))]))

    def bottom(self) -> float:
        """How far down the last panel reaches, in pixels of the page as it is open now."""
        boxes = [panel.bounding_box() for panel in self._page.locator(_PANELS).all()]
        return max((box["y"] + box["height"] for box in boxes if box), default=0.0)

    def close(self) -> None:
        self._page.close()

    def _open(self, uid: str, query: str, refresh: str = "") -> None:
        # Without refresh: a picture of a dashboard that is loading again shows nothing.
        self._page.goto(f"{self._url}/d/{uid}?kiosk&refresh={refresh}&{query}", wait_until="networkidle")
        self._page.locator(_PANELS).first.wait_for(timeout=30_000)
        self._page.wait_for_function(f'document.querySelectorAll("{_BUSY}").length === 0', timeout=30_000)
        self._page.wait_for_load_state("networkidle")

    def _panels(self) -> list[Seen]:
        return [
            Seen(_title(panel.inner_text()), panel.inner_text(), panel.locator(_ERRORS).count() > 0)
            for panel in self._page.locator(_PANELS).all()
        ]


def _title(words: str) -> str:
    """The first line of a panel is its title."""
    return words.strip().splitlines()[0] if words.strip() else ""
