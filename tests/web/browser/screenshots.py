"""Writes the images in docs/screenshots: `python -m tests.web.browser.screenshots`; reduce them to 256 colours."""

import shutil
import tempfile
from collections.abc import Callable
from operator import attrgetter
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from alerts.model import now as alerting_now
from alerts.model.route_match import RouteMatch
from alerts.model.routed_alert import RoutedAlert
from alerts.model.tracked_alert import TrackedAlert
from alerts.text.message import MessageWriter
from tests.web.browser.stage import Stage
from tests.web.browser.worst_minute import FROZEN, worst_minute
from tests.web.scene import ReceivedMail, Scene, vitals
from ward.clock import SECOND
from ward.finding import Severity
from ward.reason import Reason
from web.model.now import Now

FOLDER = Path(__file__).parents[3] / "docs" / "screenshots"
# Beds whose values stay: one at a standstill, one in shock.
STEADY = {FROZEN: {}, "icu-08": {"heart_rate": 153, "systolic_bp": 91, "diastolic_bp": 52, "respiratory_rate": 26}}
SIZES = {"large": (1920, 1080), "phone": (390, 844)}


class RepeatedReadings:
    """Keeps the scene as it is: publishes the same readings again every 2.5 s."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._beats = 0

    def __call__(self) -> None:
        self._beats += 1
        if self._beats % 10:
            return
        scene = self._scene
        for i, bed in enumerate(list(scene.live.config.inventory.beds)[:-1]):
            if bed != "icu-09":
                scene.healthy(bed, **STEADY.get(bed, vitals(i, bed, 0)))
        scene.reading("x7", "icu", heart_rate=190)
        scene.reading("pump-3", "theatre", flow=4.25, battery=81)
        for health in scene.model.health.current(Now.of(scene.clock)):
            grown = {name: n + (50 if name.endswith("_total") else 0) for name, n in health.numbers.items()}
            scene.health(health.program, numbers=grown)
        for score in scene.scores:
            scene.imaging(*score)


def take(browser: Browser, url: str, name: str, path: str, size: str, scheme: str, act: Callable[[Page], None]) -> None:
    """Take one screenshot."""
    width, height = SIZES[size]
    context = browser.new_context(
        viewport={"width": width, "height": height}, color_scheme="dark" if scheme == "dark" else "light"
    )
    page = context.new_page()
    page.goto(url + path)
    page.wait_for_selector("body[data-ready=yes]")
    page.wait_for_timeout(3000)
    act(page)
    page.screenshot(path=FOLDER / f"{name}.png", animations="allow")
    context.close()


def mails(scene: Scene) -> None:
    """The mails of alerts of beds that have not changed since, as the alerting program writes them now."""
    now = alerting_now.Now(wall=scene.clock.now(), steady=scene.clock.now())
    changed = attrgetter("ack", "latched", "signal_lost_since", "worst")
    beds = [
        alert for alert in scene.model.alerts.active() if "bed" in alert.labels and alert.severity is not Severity.LOW
    ]
    active = [alert for alert in beds if not any(changed(alert))]
    routed = [
        RoutedAlert(
            tracked=TrackedAlert(alert=alert, tracked_since=alert.starts_at, changed_at=alert.starts_at,
                                 unacknowledged_since=alert.starts_at),
            route=RouteMatch(receiver="nurses", channels=("mail",), group="", group_wait=0, group_interval=0,
                             repeat_interval=0),
            reason=Reason.FIRST_OF_BED,
        )
        for alert in sorted(active, key=attrgetter("starts_at"))
    ]  # fmt: skip
    writer = MessageWriter(scene.live.config, now, [each.tracked for each in routed])
    scene.mail.mails.clear()
    for each in routed:
        message = writer.message(each.id, [each], [])
        at = each.tracked.alert.starts_at + 2 * SECOND
        scene.mail.mails.insert(0, ReceivedMail(each.id, at, message.subject, message.body))


def main() -> None:
    scene = Scene(Path(tempfile.mkdtemp()))
    worst_minute(scene, 12)
    mails(scene)
    with Stage(scene, RepeatedReadings(scene)) as stage, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )

        def nothing(page: Page) -> None: ...

        def ask(page: Page) -> None:
            page.keyboard.press("ArrowDown")
            page.keyboard.press("a")
            page.keyboard.type("Nurse Ada")

        def freeze(page: Page) -> None:
            stage.following = False
            page.wait_for_selector("#frozen", state="visible", timeout=15_000)

        for name, path, size, scheme, act in (
            ("ward-dark", "/", "large", "dark", nothing), ("ward-light", "/", "large", "light", nothing),
            ("bed", "/bed/icu-03", "large", "light", nothing), ("bed-dark", "/bed/icu-03", "large", "dark", nothing),
            ("acknowledge", "/ward/icu", "large", "light", ask), ("imaging", "/imaging", "large", "light", nothing),
            ("alerts", "/alerts", "large", "light", nothing), ("pipeline", "/pipeline", "large", "dark", nothing),
            ("mail", "/mail", "large", "light", nothing),
            ("phone", "/", "phone", "dark", nothing), ("phone-bed", "/bed/icu-03", "phone", "light", nothing),
            ("frozen", "/", "large", "dark", freeze),
        ):  # fmt: skip
            take(browser, stage.url, name, path, size, scheme, act)
        browser.close()
    scene.close()


if __name__ == "__main__":
    main()
