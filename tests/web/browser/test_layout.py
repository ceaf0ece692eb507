"""Every page at each width, light and dark, in a bad minute and in a calm one: whole, apart, legible, by keyboard."""

import dataclasses
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.web.browser.conftest import SOON
from tests.web.browser.score_scene import scored, send_scores
from tests.web.browser.stage import Stage
from tests.web.browser.test_ward import drawn, ready
from tests.web.browser.worst_minute import link_path, worst_minute
from tests.web.scene import Scene, hospital, mixed
from ward.inventory import Inventory, Ward
from web.model.config_view import ConfigView

pytestmark = pytest.mark.engines
AUDIT = (Path(__file__).parent / "audit.js").read_text(encoding="utf-8")
SCREENS = [(1200, 800), (1280, 800), (1366, 768), (1920, 1080), (3840, 2160), (390, 844)]
# A screen has its own fonts: the widest of the usual ones is that of a Debian without others.
LOOKS = [("light", "inherit"), ("dark", "inherit"), ("light", "DejaVu Sans")]
PAGES = ["/bed/icu-03", "/alerts", "/pipeline", "/imaging", "/mail", "/handover", "/alarm-load"]
# What comes after a page is ready.
LATE = {
    "/bed/icu-03": (".chart canvas", "#scores .score td", "#observe-fields select", "#last tbody tr", "#devices dl"),
    "/alerts": ("#ended .alert-row",),
}
LINK = "/a/"  # the page of a link in a message


def audit(page: Page, tiles: int = 100, *, strange: bool = False) -> list[str]:
    """The faults of a page after its tiles have taken their sizes. Where texts are `strange`, longer than any of the
    product, a tile may cut them."""
    drawn(page)
    found: list[str] = page.evaluate(AUDIT, [tiles, strange])
    return found


def look(page: Page, theme: str, font: str) -> None:
    page.evaluate(
        """([theme, font]) => {
            document.documentElement.dataset.theme = theme;
            document.documentElement.style.fontFamily = font === "inherit" ? "" : font;
        }""",
        [theme, font],
    )


def stay(scene: Scene, beds: list[str]) -> Any:
    """Publishes readings again every 2.5 s, so that what the scene shows stays."""
    steps = 0
    has_scores = bool(ConfigView(scene.live.config).score_rules)

    def script() -> None:
        nonlocal steps
        steps += 1
        if has_scores and steps % 40 == 1:
            send_scores(scene)
        if steps % 8 == 0:
            for bed in beds:
                scene.healthy(bed)
            for program in ("bridge", "detectors", "alerts"):
                scene.health(program)

    return script


@pytest.fixture(scope="module")
def worst(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    scene = Scene(tmp_path_factory.mktemp("worst"), scored(hospital()))
    worst_minute(scene)
    beds = [bed for bed in list(scene.live.config.inventory.beds)[:-1] if bed != "icu-09"]
    with Stage(scene, stay(scene, beds)) as stage:
        yield stage
    scene.close()


@pytest.fixture(scope="module")
def seen(browser: Browser, worst: Stage) -> Iterator[Page]:
    """One page for the tests of this module."""
    context = browser.new_context(base_url=worst.url, viewport={"width": 1920, "height": 1080}, reduced_motion="reduce")
    page = context.new_page()
    ready(page)
    yield page
    context.close()


@pytest.mark.guarantee("Twenty beds are on a screen of 1366 × 768 at once, and nothing that decides is cut there.")
def test_the_ward_is_whole_at_every_width_in_light_and_dark(seen: Page) -> None:
    ready(seen)
    for width, height in SCREENS:
        seen.set_viewport_size({"width": width, "height": height})
        for theme, font in LOOKS:
            look(seen, theme, font)
            assert audit(seen) == [], (width, theme, font)
        if width > 700:
            bottoms = seen.locator(".tile").evaluate_all("all => all.map(n => n.getBoundingClientRect().bottom)")
            assert len(bottoms) == 20
            assert max(bottoms) <= height, width
            expect(seen.locator("#below")).to_be_hidden()


@pytest.mark.parametrize("path", [*PAGES, LINK])
def test_every_page_is_whole_at_every_width_in_light_and_dark(seen: Page, worst: Stage, path: str) -> None:
    ready(seen, path_of(worst, path))
    for late in LATE.get(path, ()):
        expect(seen.locator(late).first).to_be_visible()
    for width, height in SCREENS:
        seen.set_viewport_size({"width": width, "height": height})
        for theme, font in LOOKS:
            look(seen, theme, font)
            assert audit(seen) == [], (width, theme, font)


def test_no_menu_cuts_an_entry_where_there_are_three_wards(browser: Browser, tmp_path: Path) -> None:
    """With three wards, named as in the demo, the menu is widest; more of them are in a menu of their own."""
    full = hospital()
    names = {"icu": "Intensive care", "hdu": "Medical ward, step-down", "imaging": "Imaging suite"}
    inventory = Inventory(
        wards=[Ward(id=id_, name=name) for id_, name in names.items()], beds=full.inventory.beds.values(),
        device_kinds=full.inventory.device_kinds.values(), devices=full.inventory.devices.values(),
    )  # fmt: skip
    scene = Scene(tmp_path, dataclasses.replace(full, inventory=inventory))
    mixed(scene, 0.1)
    with Stage(scene, stay(scene, list(scene.live.config.inventory.beds)[:-1])) as stage:
        page = browser.new_page(base_url=stage.url, reduced_motion="reduce")
        for path in ("/", "/ward/imaging", *PAGES):
            ready(page, path)
            for width, height in SCREENS:
                page.set_viewport_size({"width": width, "height": height})
                for theme, font in LOOKS:
                    look(page, theme, font)
                    faults = audit(page, 0)
                    assert [fault for fault in faults if "menu" in fault or "head" in fault] == [], (path, width, font)
        page.close()
    scene.close()


def test_a_calm_ward_is_whole_too(browser: Browser, tmp_path: Path) -> None:
    scene = Scene(tmp_path, scored(hospital()))
    beds = list(scene.live.config.inventory.beds)[:-1]
    for bed in beds:
        scene.healthy(bed)
    with Stage(scene, stay(scene, beds)) as stage:
        page = browser.new_page(base_url=stage.url, reduced_motion="reduce")
        ready(page)
        for width, height in SCREENS[1:]:
            page.set_viewport_size({"width": width, "height": height})
            for theme, font in LOOKS:
                look(page, theme, font)
                assert audit(page) == [], (width, theme, font)
        expect(page.locator("#counts")).to_have_text("No alert")
        page.close()
    scene.close()


def test_on_a_phone_vital_signs_stand_above_alerts(seen: Page) -> None:
    seen.set_viewport_size({"width": 390, "height": 844})
    for path, values, alerts in (("/", "#tile-icu-08 .cells", "#tile-icu-08 .tile-alert"),
                                 ("/bed/icu-08", "#numbers", "#alerts")):  # fmt: skip
        ready(seen, path)
        above, below = (seen.locator(which).bounding_box() for which in (values, alerts))
        assert above is not None
        assert below is not None
        assert above["y"] + above["height"] <= below["y"] + 1
    ready(seen, "/imaging")
    expect(seen.locator("#rows tr")).to_have_count(51, timeout=SOON)
    assert seen.evaluate("document.documentElement.scrollHeight") < 3000


def test_an_alert_about_equipment_looks_different_without_colour_too(seen: Page) -> None:
    ready(seen)
    equipment, patient = seen.locator("#tile-hdu-03"), seen.locator("#tile-icu-08")
    expect(equipment.locator(".text")).to_have_text("Equipment: Monitor clock 10 min slow")
    expect(equipment.locator(".priority-text use")).to_have_attribute("href", "/static/icons.svg#equipment")
    expect(patient.locator(".priority-text use")).to_have_attribute("href", "/static/icons.svg#medium")
    ground = "node => getComputedStyle(node.querySelector('.tile-head')).backgroundImage"
    assert "gradient" in equipment.evaluate(ground)
    assert patient.evaluate(ground) == "none"
    spoken = (
        "HDU bed 3. MEDIUM priority, equipment: Monitor clock 10 min slow, unacknowledged. NEWS2 4, rising: was 2 at "
    )
    expect(equipment).to_have_attribute("aria-label", re.compile(f"^{re.escape(spoken)}"))


@pytest.mark.guarantee("A HIGH alert that has ended without an acknowledgement is shown as such, never as No alert.")
def test_a_latched_alert_says_that_it_has_ended_and_that_nobody_has_acknowledged_it(seen: Page) -> None:
    ready(seen)
    tile = seen.locator("#tile-hdu-05")
    expect(tile.locator(".priority-text")).to_have_text("ENDED")
    expect(tile.locator(".acknowledgement")).to_contain_text("ended, not acknowledged · since 15:5")
    assert tile.locator(".tile-head").evaluate("node => getComputedStyle(node).animationName") == "none"
    spoken = "HDU bed 5. HIGH priority: Was HIGH priority: SpO2 79 % < 85, ended, not acknowledged"
    expect(tile).to_have_attribute("aria-label", re.compile(f"^{re.escape(spoken)}. NEWS2 at least 6, "))


def test_a_tile_has_the_number_of_further_alerts_and_how_long_the_first_has_lasted(seen: Page) -> None:
    ready(seen)
    shown = seen.locator("#tile-icu-08 .acknowledgement")
    expect(seen.locator("#tile-icu-08 .text")).to_have_text("Systolic pressure 91 mmHg < 95")
    expect(shown).to_contain_text("and 2 more · unacknowledged · since 15:5")
    expect(shown).to_contain_text(" min")


def test_a_tile_says_who_has_seen_the_message_while_nobody_acknowledges(seen: Page) -> None:
    seen.set_viewport_size({"width": 1366, "height": 768})
    ready(seen)
    note = re.compile(r"^unacknowledged · seen by Dr\. Bo, \d\d:\d\d · worst 71 mmHg at ")
    expect(seen.locator("#tile-hdu-07 .acknowledgement")).to_have_text(note)
    assert "unacknowledged, seen by Dr. Bo, " in str(seen.locator("#tile-hdu-07").get_attribute("aria-label"))
    for path in ("/bed/hdu-07", "/alerts"):
        ready(seen, path)
        expect(seen.locator(".alert-row", has_text="again above 85").locator(".acknowledgement")).to_have_text(note)


def test_a_small_curve_has_the_scale_of_its_signal(seen: Page) -> None:
    ready(seen)
    curve = seen.locator("#tile-icu-01 .curve")
    expect(curve.locator(".scale").first).to_have_text("180")
    expect(curve.locator(".scale").last).to_have_text("30")


CONTROLS = """() => [...document.querySelectorAll("a[href], button, select, input, summary, [tabindex='0']")].filter(
    n => n.checkVisibility({ checkVisibilityCSS: true }) && n.tabIndex >= 0 && !n.disabled && !n.closest("#frozen"))"""
NAMELESS = """() => [...document.querySelectorAll("button, a[href], select, input, summary")]
    .filter(n => n.checkVisibility() && !(n.getAttribute("aria-label") || n.textContent.trim() || n.labels?.length))
    .map(n => n.outerHTML.slice(0, 90))"""
MOST_CONTROLS = 300  # of a page, those that come after it is ready included
# Presses are those of the browser; what has the focus after each is noted in the page.
NOTE_FOCUS = """() => {
    window.reached = new Set();
    window.unmarked = new Set();
    document.addEventListener("focusin", ({ target }) => {
        const style = getComputedStyle(target);
        window.reached.add(target);
        const marked = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 3;
        if (!marked) window.unmarked.add(target.outerHTML.slice(0, 90));
    });
}"""


def path_of(stage: Stage, path: str) -> str:
    return link_path(stage.scene, "hypoxia-icu-03") if path == LINK else path


@pytest.mark.parametrize("path", ["/", *PAGES, LINK])
def test_every_control_has_a_name_is_reached_by_keyboard_and_shows_its_focus(
    seen: Page, worst: Stage, path: str
) -> None:
    """A control may come or go meanwhile, with a banner: those that are there at the end count."""
    seen.set_viewport_size({"width": 1366, "height": 768})
    ready(seen, path_of(worst, path))
    assert seen.evaluate(NAMELESS) == []
    seen.evaluate(NOTE_FOCUS)
    for _ in range(MOST_CONTROLS):
        seen.keyboard.press("Tab")
        if seen.evaluate("document.activeElement === document.body"):  # behind the last one
            break
    assert seen.evaluate("document.activeElement === document.body")
    missed = f"({CONTROLS})().filter(n => !window.reached.has(n)).map(n => n.outerHTML.slice(0, 90))"
    assert seen.evaluate(missed) == []
    assert seen.evaluate("[...window.unmarked]") == []
    assert seen.evaluate("window.reached.size") > (25 if path == "/" else 10)


@pytest.mark.parametrize("path", [*PAGES, LINK])
def test_a_question_mark_shows_the_keys_of_every_page(seen: Page, worst: Stage, path: str) -> None:
    ready(seen, path_of(worst, path))
    expect(seen.locator("#keys")).to_be_hidden()
    seen.keyboard.press("?")
    expect(seen.locator("#keys")).to_contain_text("close a panel or a dialog")
    seen.keyboard.press("Escape")
    expect(seen.locator("#keys")).to_be_hidden()


def dialog(page: Page, path: str, button: str) -> None:
    ready(page, path)
    page.get_by_role("button", name=button).first.click()
    expect(page.locator("#ack")).to_be_visible()


def panel(page: Page, button: str, shown: str) -> None:
    ready(page, "/")
    page.locator(button).click()
    expect(page.locator(shown)).to_be_visible()


def cover(page: Page) -> None:
    ready(page, "/")
    page.locator("#frozen").evaluate("node => Object.assign(node.style, { animation: 'none', visibility: 'visible' })")
    expect(page.locator("#frozen")).to_be_visible()


OVERLAYS: dict[str, Callable[[Page], None]] = {
    "acknowledge": lambda page: dialog(page, "/bed/icu-08", "Acknowledge"),
    "silence": lambda page: dialog(page, "/bed/icu-08", "Silence"),
    "take over": lambda page: dialog(page, "/bed/hdu-09", "Take over…"),
    "sound": lambda page: panel(page, "#sound", "#sounds"),
    "keys": lambda page: panel(page, "#help", "#keys"),
    "frozen": cover,
}


@pytest.mark.parametrize("name", list(OVERLAYS))
def test_every_dialog_panel_and_cover_is_whole_on_a_desktop_and_a_phone(seen: Page, name: str) -> None:
    for width, height in ((1366, 768), (390, 844)):
        seen.set_viewport_size({"width": width, "height": height})
        OVERLAYS[name](seen)
        for theme, font in LOOKS:
            look(seen, theme, font)
            assert audit(seen, 0) == [], (width, theme, font)


def test_a_question_mark_shows_the_keys_and_escape_hides_them(seen: Page) -> None:
    ready(seen)
    expect(seen.locator("#keys")).to_be_hidden()
    seen.keyboard.press("?")
    expect(seen.locator("#keys")).to_contain_text("acknowledge the alerts of the bed")
    seen.keyboard.press("Escape")
    expect(seen.locator("#keys")).to_be_hidden()
    seen.locator("#help").click()
    expect(seen.locator("#keys")).to_be_visible()
    seen.keyboard.press("Escape")
