"""The ward page with texts, numbers of beds and browsers that nobody expects: readable, or said so."""

import dataclasses
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace
from playwright.sync_api import Browser, Page, expect

from tests.web.browser.conftest import SOON
from tests.web.browser.score_scene import scored
from tests.web.browser.stage import Stage
from tests.web.browser.test_layout import audit, stay
from tests.web.browser.test_ward import ready
from tests.web.scene import Scene, hospital
from ward.ack_link import AckLink, signed
from ward.clock import SECOND
from ward.config.alerting import LinkKey
from ward.finding import Severity

pytestmark = pytest.mark.engines
# What is wider than the dialog, and the dialog where it leaves the screen.
OUT_OF_DIALOG = """() => {
    const dialog = document.getElementById("ack"), around = dialog.getBoundingClientRect();
    const whole = around.left >= 0 && around.top >= 0 && around.right <= innerWidth && around.bottom <= innerHeight;
    const wide = [...dialog.querySelectorAll("*")].filter((node) => node.getBoundingClientRect().right > around.right);
    const faults = [...(whole ? [] : [dialog]), ...wide];
    return faults.map((node) => `${node.tagName} ${node.id} ${node.textContent.slice(0, 40)}`);
}"""
LONG = "SpO2 84 % < 88 " + "and so on " * 1000
STRANGE = (
    '<b>Bed</b> & "1"',
    "\u0633\u0631\u064a\u0631 \u202e12",
    "\U0001f6cf\ufe0f " * 12,
    "Z\u0351\u036b\u0343a\u0489\u0300\u0301lgo " * 9,
    "W" * 80,
)


@pytest.fixture(scope="module")
def crowded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Sixty beds: five with strange names, one with thirty alerts, one with an alert of 10,000 characters."""
    config = scored(hospital(60))
    inventory = config.inventory
    for bed, label in zip(list(inventory.beds), STRANGE, strict=False):
        inventory.beds[bed] = dataclasses.replace(inventory.beds[bed], label=label)
    scene = Scene(tmp_path_factory.mktemp("crowded"), config)
    beds = list(inventory.beds)[:-1]
    for bed in beds:
        scene.healthy(bed)
    for bed in beds[:5]:
        scene.alert(bed, severity=Severity.MEDIUM, text=f"SpO2 84 % < 88 {inventory.label(bed)}")
    for n in range(30):
        scene.alert("icu-10", f"rule-{n}", f"Alert number {n}", severity=Severity.MEDIUM)
    long = scene.alert("icu-11", text="x")
    scene.send(replace(long, annotations={"summary": f"{inventory.label('icu-11')}: {LONG}"}))
    with Stage(scene, stay(scene, beds)) as stage:
        yield stage
    scene.close()


@pytest.fixture(scope="module")
def wall(browser: Browser, crowded: Stage) -> Iterator[Page]:
    context = browser.new_context(base_url=crowded.url, reduced_motion="reduce")
    page = context.new_page()
    yield page
    context.close()


def outside(page: Page) -> list[str]:
    """What leaves its tile or the page: marks above letters may reach into the next line, and where a strange name
    fills its lines, the last line of the tile's alert may be cut."""
    strange = ("Z\u0351", "W" * 9)
    faults = [fault for fault in audit(page, 12, strange=True) if "overlaps" not in fault or "head" in fault]
    return [fault for fault in faults if "DIV.tile-alert" not in fault or not any(name in fault for name in strange)]


def test_sixty_beds_fit_a_wall_and_elsewhere_those_below_are_counted(wall: Page) -> None:
    wall.set_viewport_size({"width": 3840, "height": 2160})
    ready(wall)
    assert outside(wall) == []
    expect(wall.locator("#below")).to_be_hidden()
    wall.set_viewport_size({"width": 1366, "height": 768})
    assert outside(wall) == []
    expect(wall.locator("#below")).to_have_text("↓ 40 more beds below", timeout=SOON)
    wall.locator("main").evaluate("node => node.scrollTo(0, node.scrollHeight)")
    expect(wall.locator("#below")).to_be_hidden(timeout=SOON)


def test_long_and_strange_texts_stay_in_their_tiles_as_text(wall: Page) -> None:
    wall.set_viewport_size({"width": 1920, "height": 1080})
    ready(wall)
    assert outside(wall) == []
    long = wall.locator("#tile-icu-11")
    expect(long.locator(".text")).to_contain_text("SpO2 84 % < 88 and so on")
    expect(long.locator(".num").first).to_be_in_viewport()
    expect(wall.locator("#tile-icu-01 h2")).to_have_text(STRANGE[0])
    expect(wall.locator("#tile-icu-02 h2")).to_contain_text("\\u202e")
    expect(wall.locator("#tile-icu-10 .acknowledgement")).to_contain_text("and 29 more · ")
    assert wall.locator("h2 b").count() == 0


@pytest.mark.parametrize("path", ["/bed/icu-10", "/bed/icu-11", "/alerts"])
def test_pages_of_many_and_long_alerts_are_whole_on_a_phone(wall: Page, path: str) -> None:
    wall.set_viewport_size({"width": 390, "height": 844})
    ready(wall, path)
    assert audit(wall, strange=True) == []


def test_a_browser_zoomed_to_300_percent_shows_the_list_of_a_phone(browser: Browser, crowded: Stage) -> None:
    page = browser.new_page(
        base_url=crowded.url, viewport={"width": 1366 // 3, "height": 768 // 3}, device_scale_factor=3
    )
    ready(page)
    assert audit(page, 12, strange=True) == []
    page.keyboard.press("ArrowDown")
    expect(page.locator(".tile").first).to_be_focused()
    expect(page.locator(".tile").first).to_be_in_viewport()
    page.close()


def test_an_alert_is_acknowledged_in_a_browser_zoomed_to_300_percent(browser: Browser, crowded: Stage) -> None:
    page = browser.new_page(
        base_url=crowded.url, viewport={"width": 1366 // 3, "height": 768 // 3}, device_scale_factor=3
    )
    ready(page, "/bed/icu-10")
    assert audit(page, 12) == []
    acknowledge = page.locator("#alerts button").filter(has_text=re.compile("^Acknowledge")).first
    acknowledge.click()
    dialog = page.locator("#ack")
    expect(dialog).to_be_visible()
    assert audit(page, 12) == []
    assert page.evaluate(OUT_OF_DIALOG) == []
    expect(page.locator("#ack-by")).to_be_in_viewport(ratio=1)
    for name in ("#ack-choices input >> nth=-1", "#ack-note", "#ack-by", "#ack-title", "#ack-do", "#ack-cancel"):
        page.locator(name).scroll_into_view_if_needed()
        expect(page.locator(name)).to_be_in_viewport(ratio=0.99)
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    page.close()


def test_a_ward_without_beds_says_so(browser: Browser, tmp_path: Path) -> None:
    config = hospital(2)
    config.inventory.beds.clear()
    scene = Scene(tmp_path, config)
    with Stage(scene) as stage:
        page = browser.new_page(base_url=stage.url)
        ready(page)
        expect(page.locator("#nothing")).to_have_text("No bed is configured here.")
        assert audit(page) == []
        page.close()
    scene.close()


# Keeps the texts on canvases, as those on the axes of curves.
DRAWN = """
window.drawn = [];
const fill = CanvasRenderingContext2D.prototype.fillText;
CanvasRenderingContext2D.prototype.fillText = function (text, ...at) {
    drawn.push(text);
    return fill.call(this, text, ...at);
};
"""


@pytest.mark.parametrize("hours", [-1, 1])
@pytest.mark.parametrize("path", ["/", "/bed/icu-10", "/alerts", "/handover?ward=icu", "/a/"])
def test_a_clock_of_the_browser_that_is_off_by_an_hour_changes_no_time_and_no_age(
    browser: Browser, crowded: Stage, path: str, hours: int
) -> None:
    """The hours of all times on the page, and which of them have a day, are those of a browser with the right clock."""
    scene = crowded.scene
    if path == "/a/":
        key = LinkKey.model_validate({"name": "new", "key": "k" * 32})
        config = scene.live.config
        alerting = config.alerting.model_copy(update={"link_keys": (key,)})
        scene.live.config = dataclasses.replace(config, alerting=alerting)
        path += signed(AckLink("rule-1-icu-10", "chat", scene.clock.now() + 3600 * SECOND), "k" * 32)
    right, wrong = (shown_times(browser, crowded, path, off) for off in (0, hours))
    assert wrong == right
    assert right & {"15", "16"}


def shown_times(browser: Browser, stage: Stage, path: str, hours: int) -> set[str]:
    """The hours of all times on a page, whose browser's clock is off, after a check of its head."""
    context = browser.new_context(base_url=stage.url)
    at = stage.scene.clock.now() / SECOND * 1000 + hours * 3_600_000
    context.add_init_script(f"Date.now = () => {at} + performance.now();{DRAWN}")
    page = context.new_page()
    ready(page, path)
    expect(page.locator("#clock")).to_contain_text("16:")
    expect(page.locator("#freshness")).to_have_text(re.compile(r"^UTC · data \d s old$"))
    expect(page.locator("#frozen")).to_be_hidden()
    if path.startswith("/bed/"):
        expect(page.locator(".chart canvas")).to_have_count(5, timeout=SOON)
        expect(page.locator("#last tbody tr").first).to_be_visible(timeout=SOON)
    if path.startswith("/handover"):
        expect(page.locator("#age")).to_be_hidden()
    if path in ("/", "/bed/icu-10", "/alerts"):
        expect(page.locator("main")).to_contain_text(re.compile(r"since 15:59, (\d+ s|[1-4]?\d min)"))
    texts = [page.locator("main").inner_text(), *page.evaluate("drawn")]
    context.close()
    return {found for text in texts for found in re.findall(r"((?:\w+ \d+ \w+,? )?\b\d\d):\d\d\b", text)}


def test_a_tab_that_was_asleep_for_a_night_says_frozen_until_it_is_new(browser: Browser, crowded: Stage) -> None:
    context = browser.new_context(base_url=crowded.url)
    page = context.new_page()
    ready(page)
    page.route("**/api/v1/board*", lambda route: route.abort())
    # No answer is on its way any more, which would count as one of after the night.
    expect(page.locator("#freshness")).to_contain_text(re.compile(r"data [4-9] s old"), timeout=SOON)
    page.evaluate(
        "() => { const now = performance.now.bind(performance); performance.now = () => now() + 8 * 3_600_000; }"
    )
    expect(page.locator("#freshness")).to_contain_text("FROZEN for 8 h", timeout=SOON)
    assert page.title().startswith("FROZEN")
    page.unroute_all()
    expect(page.locator("#freshness")).to_contain_text("data", timeout=SOON)
    expect(page.locator("#clock")).to_contain_text("16:")
    expect(page.locator("#frozen")).to_be_hidden()
    context.close()


def test_what_one_tab_acknowledges_the_other_shows(browser: Browser, crowded: Stage) -> None:
    context = browser.new_context(base_url=crowded.url)
    one, two = context.new_page(), context.new_page()
    for page in (one, two):
        ready(page)
    alert = crowded.scene.model.alerts.get("hypoxia-icu-11")
    assert alert is not None
    crowded.scene.acknowledged(alert, "Nurse Ada")
    for page in (one, two):
        expect(page.locator("#tile-icu-11 .priority-text")).to_have_text("HIGH, acknowledged", timeout=SOON)
    context.close()
