"""A Grafana dashboard in a browser: what each panel shows, and whether texts can be read where they stand."""

import base64
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page

_PANELS = "section.panel-container, section[data-testid^='data-testid Panel header']"
_ERRORS = "[aria-label='Panel header error'], [data-testid='data-testid Panel status error'], .panel-info-corner--error"
_BUSY = ".panel-loading, [aria-label='Panel loading bar'], [data-testid='data-testid panel-loading-bar']"
# Each panel in the window has its content: its query was answered. Others are loaded when they come into view.
_FILLED = f"""() => {{
    const inView = panel => {{
        const box = panel.getBoundingClientRect();
        return box.height > 0 && box.top < window.innerHeight && box.bottom > 0;
    }};
    const filled = panel => {{
        const content = panel.querySelector("[class*='panel-content'], [data-testid='data-testid panel content']");
        return content && (content.querySelector("canvas") || content.innerText.trim());
    }};
    const panels = [...document.querySelectorAll("{_PANELS}")].filter(inView);
    return panels.length > 0 && !document.querySelector("{_BUSY}") && panels.every(filled);
}}"""
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
# Each visible text of the canvas panels: its panel, size, lines, colour, and the colour of what is behind it.
_TEXTS = (Path(__file__).parent / "texts.js").read_text(encoding="utf-8")


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


@dataclass(frozen=True, slots=True)
class TextView:
    """A text of a canvas panel: `boxes` are its lines, each left, top, right and bottom of the letters in pixels."""

    panel: int
    text: str
    size: float
    boxes: tuple[tuple[float, float, float, float], ...]
    within: tuple[float, float, float, float]
    contrast: float

    def overlaps(self, other: "TextView") -> bool:
        """Whether letters of one stand on letters of the other."""
        return any(
            one[0] < two[2] - 0.5 and two[0] < one[2] - 0.5 and one[1] < two[3] - 0.5 and two[1] < one[3] - 0.5
            for one in self.boxes
            for two in other.boxes
        )

    @property
    def outside(self) -> bool:
        """Whether letters stand outside of its panel."""
        left, top, right, bottom = self.within
        return any(
            box[0] < left - 0.5 or box[1] < top - 0.5 or box[2] > right + 0.5 or box[3] > bottom + 0.5
            for box in self.boxes
        )


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

    def open(self, uid: str, query: str = "", width: int = 1920, height: int = 1080) -> None:
        """Opens a dashboard that refreshes by itself every 5 s, as a screen on a wall does."""
        self._page.set_viewport_size({"width": width, "height": height})
        self._open(uid, query, "5s")

    def keep(self, file: Path) -> None:
        """A screenshot of the window as it is."""
        self._page.screenshot(path=file)

    def share(self, colour: str, upper: int | None = None) -> float:
        """How much of the screen, or of its upper so many pixels, has a colour (`#rrggbb`) now: 0 to 1."""
        size = self._page.viewport_size or {"width": 0, "height": 0}
        clip: Any = {"x": 0, "y": 0, "width": size["width"], "height": upper or size["height"]}
        png = base64.b64encode(self._page.screenshot(clip=clip)).decode()
        return float(self._page.evaluate(_SHARE, [png, list(bytes.fromhex(colour.removeprefix("#")))]))

    def texts(self) -> list[TextView]:
        """The visible texts of the canvas panels that are open now."""
        return [
            TextView(
                found["panel"], found["text"], found["size"], tuple(map(tuple, found["boxes"])),
                tuple(found["within"]), found["contrast"],
            )
            for found in self._page.evaluate(_TEXTS)
        ]  # fmt: skip

    def follow(self, link: str) -> str:
        """Clicks in the middle of the link with this label; returns the address that it leads to.

        It is the one that is asked for: Grafana adds to that of the page as soon as it runs.
        """
        asks = self._page.expect_request(lambda request: request.is_navigation_request())
        with self._page.expect_navigation(wait_until="commit"), asks as asked:
            self._page.get_by_label(link, exact=True).first.click()  # waits: each refresh draws it anew
        return asked.value.url.removeprefix(self._url)

    def bottom(self) -> float:
        """The lower edge of the last panel, in pixels of the page as it is open now."""
        boxes = [panel.bounding_box() for panel in self._page.locator(_PANELS).all()]
        return max((box["y"] + box["height"] for box in boxes if box), default=0.0)

    def close(self) -> None:
        self._page.close()

    def _open(self, uid: str, query: str, refresh: str = "") -> None:
        # Without refresh by default: while a dashboard refreshes, a screenshot may show nothing. The network is never
        # idle: a worker of Grafana's keeps a request open.
        self._page.goto(f"{self._url}/d/{uid}?kiosk&refresh={refresh}&{query}", wait_until="domcontentloaded")
        self._page.locator(_PANELS).first.wait_for(timeout=60_000)
        self._page.wait_for_function(_FILLED, timeout=60_000)
        self._page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")

    def _shown(self) -> list[PanelView]:
        return [
            PanelView(_title(panel.inner_text()), panel.inner_text(), panel.locator(_ERRORS).count() > 0)
            for panel in self._page.locator(_PANELS).all()
        ]


def _title(text: str) -> str:
    """The first line of the text of a panel is its title."""
    return text.strip().splitlines()[0] if text.strip() else ""
