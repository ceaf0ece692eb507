"""What a person in front of a Grafana dashboard sees: each panel's title, its words, and whether it is in error."""

from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page

_PANELS = "section.panel-container, section[data-testid^='data-testid Panel header']"
_ERRORS = "[aria-label='Panel header error'], [data-testid='data-testid Panel status error'], .panel-info-corner--error"
_BUSY = ".panel-loading, [aria-label='Panel loading bar'], [data-testid='data-testid panel-loading-bar']"
_TALL = {"width": 1920, "height": 6000}  # panels are loaded when they come into sight: then all of them are


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

    def bottom(self) -> float:
        """How far down the last panel reaches, in pixels of the page as it is open now."""
        boxes = [panel.bounding_box() for panel in self._page.locator(_PANELS).all()]
        return max((box["y"] + box["height"] for box in boxes if box), default=0.0)

    def close(self) -> None:
        self._page.close()

    def _open(self, uid: str, query: str) -> None:
        # Without refresh: a picture of a dashboard that is loading again shows nothing.
        self._page.goto(f"{self._url}/d/{uid}?kiosk&refresh=&{query}", wait_until="networkidle")
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
