"""The ward page in a browser: on a large screen, on a phone, by keyboard, and without new data."""

import dataclasses
import re
from collections.abc import Callable

import pytest
from msgspec.structs import replace
from playwright.sync_api import Browser, Page, expect

from detectors.limits import LimitsParams
from tests.kit.log_records import log_messages
from tests.web.browser.conftest import SOON, PageErrors
from tests.web.browser.stage import Stage
from ward.action import ActionType
from ward.config.rule import Rule
from ward.finding import EndReason, Kind, Severity
from ward.topics import ACTIONS
from ward.wire import ACTION_WIRE

pytestmark = pytest.mark.engines
FROZEN = 14_000
LOADED = 25_000  # the follower catches up first, on a machine whose cores are busy


def ready(page: Page, path: str = "/") -> None:
    page.goto(path)
    expect(page.locator("body[data-ready=yes]")).to_be_attached(timeout=SOON)


def drawn(page: Page) -> None:
    """Tiles take their sizes, and texts that of their boxes, before the next frame."""
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")


def test_twenty_beds_fit_a_large_screen_without_scrolling_in_large_digits(page: Page) -> None:
    ready(page)
    tiles = page.locator(".tile")
    expect(tiles).to_have_count(20)
    drawn(page)
    assert page.evaluate("document.querySelector('main').scrollHeight <= document.querySelector('main').clientHeight")
    assert page.evaluate("document.documentElement.scrollWidth") == 1920
    for tile in tiles.all():
        box = tile.bounding_box()
        assert box is not None
        assert box["y"] + box["height"] <= 1080
    sizes = page.locator(".tile:not(.has-alert):not([data-data=none]) .num").evaluate_all(
        "nodes => nodes.map(n => parseFloat(getComputedStyle(n).fontSize))"
    )
    assert min(sizes) >= 44  # a third of a metre's width in arc minutes at three metres on a 24-inch screen


# Digits outside of their tile, and the first line of an alert where the one below covers it.
CUT_TILES = """() => [...document.querySelectorAll('.tile')].flatMap((tile) => {
  const right = tile.getBoundingClientRect().right - 3;
  const numbers = [...tile.querySelectorAll('.num')].filter((node) => node.getBoundingClientRect().right > right);
  const text = tile.querySelector('.tile-alert .text'), below = tile.querySelector('.tile-alert .acknowledgement');
  const covered = text?.offsetHeight && text.getBoundingClientRect().bottom > below.getBoundingClientRect().top + 1;
  return [...numbers, ...(covered ? [text] : [])].map((node) => `${tile.id} ${node.textContent}`);
})"""


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (1366, 768), (1440, 900), (1920, 1080)])
def test_no_value_and_no_alert_is_cut_at_any_width(page: Page, stage: Stage, width: int, height: int) -> None:
    """The respiratory rate of a bed with an alert, 41, was read as nothing or as 4."""
    config = stage.scene.live.config
    more = [("high", "diastolic_bp", 120.0), ("low", "diastolic_bp", 35.0), ("low", "temperature", 35.1)]
    rules = [
        Rule(f"{side}-{signal}", "limits", (signal,), Kind.PHYSIOLOGICAL, LimitsParams, {"side": side, "medium": limit})
        for side, signal, limit in more
    ]
    stage.scene.live.config = dataclasses.replace(config, rules=(*config.rules, *rules))
    stage.scene.reading("mon-icu-03", heart_rate=107, systolic_bp=138, diastolic_bp=92, spo2=78, temperature=36.8,
                        respiratory_rate=31)  # fmt: skip
    stage.scene.alert("icu-03", "tachypnoea", "Respiratory rate 31 /min > 30", metric="respiratory_rate")
    worse = stage.scene.alert("icu-03")
    stage.scene.send(replace(worse, worst=77.0, worst_at=worse.starts_at))
    stage.scene.reading("mon-icu-09", ago=120, heart_rate=69)
    stage.scene.alert("icu-09", "device-silent", "Bedside monitor: no data for 15 s", kind=Kind.TECHNICAL, metric="",
                      severity=Severity.MEDIUM)  # fmt: skip
    page.set_viewport_size({"width": width, "height": height})
    ready(page)
    expect(page.locator("#tile-icu-03")).to_contain_text("and 1 more")
    drawn(page)
    assert page.evaluate(CUT_TILES) == []


def test_beds_with_alerts_come_first_and_differ_in_text_and_icon_too(page: Page) -> None:
    ready(page)
    first = page.locator(".tile").first
    expect(first).to_contain_text("ICU bed 3")
    expect(first).to_contain_text("HIGH")
    expect(first).to_contain_text("SpO2 84 % < 88")
    expect(first).to_contain_text("unacknowledged")
    expect(first.locator(".priority-text use")).to_have_attribute("href", "/static/icons.svg#high")
    expect(page).to_have_title(re.compile(r"^\(6\) "))
    expect(page.locator("#counts")).to_contain_text("6 unacknowledged")


@pytest.mark.parametrize(
    ("bed", "label"),
    [
        ("icu-03", "ICU bed 3. HIGH priority: SpO2 84 % < 88, unacknowledged"),
        ("icu-07", "ICU bed 7. MEDIUM priority: Heart rate 131 /min > 120, unacknowledged"),
        ("icu-05", "ICU bed 5. acknowledged. HIGH priority: Systolic pressure 82 mmHg < 85, "
                   "acknowledged by Nurse Ada"),
        ("icu-01", "ICU bed 1. no alert"),
    ],
)  # fmt: skip
def test_a_screen_reader_reads_the_priority_of_each_alert_as_one(page: Page, bed: str, label: str) -> None:
    ready(page)
    expect(page.locator(f"#tile-{bed}")).to_have_attribute("aria-label", label)


def test_the_screen_is_in_the_zone_of_the_site(page: Page, stage: Stage) -> None:
    config = stage.scene.live.config
    alerting = config.alerting.model_copy(update={"timezone": "Europe/Berlin"})
    stage.scene.live.config = dataclasses.replace(config, alerting=alerting)
    ready(page)
    expect(page.locator("#clock")).to_have_text(re.compile(r"^17:\d\d:\d\d$"))
    expect(page.locator("#freshness")).to_contain_text("CET")


def test_a_value_has_its_unit_limits_age_and_sparkline(page: Page) -> None:
    ready(page)
    tile = page.locator("#tile-icu-01")
    cell = tile.locator(".cell", has_text="SpO₂").first
    expect(cell.locator("dt")).to_have_text(re.compile(r"^SpO₂\s*%$"))
    expect(cell.locator(".num")).to_have_text(re.compile(r"\d+"))
    expect(cell.locator(".limits")).to_have_text(re.compile(r"^≥ \d+$"))
    expect(cell.locator(".age")).to_have_text(re.compile(r"^\d+ s$"))
    expect(tile.locator(".curve svg :is(path, polyline)").first).to_be_attached()


def test_no_data_is_dark_hatched_and_in_words_unlike_no_alert_and_signal_lost(page: Page) -> None:
    ready(page)
    none, live, lost = (page.locator(f"#tile-{bed}") for bed in ("icu-09", "icu-01", "hdu-08"))
    expect(none).to_contain_text(re.compile(r"NO DATA since \d\d:\d\d"))
    ground = "node => getComputedStyle(node.querySelector('.tile-body')).backgroundImage"
    assert "repeating-linear-gradient" in none.evaluate(ground)
    assert live.evaluate(ground) == lost.evaluate(ground) == "none"
    expect(live).to_contain_text("No alert")
    expect(lost).to_contain_text("SIGNAL LOST")
    assert lost.evaluate("node => getComputedStyle(node).borderTopStyle") == "dashed"


def test_a_bed_without_new_values_shows_no_data_within_ten_seconds(page: Page, stage: Stage) -> None:
    ready(page)
    expect(page.locator("#tile-icu-01")).to_contain_text("No alert")
    stage.script = lambda: None
    expect(page.locator("#tile-icu-01")).to_contain_text("NO DATA since", timeout=FROZEN)
    expect(page.locator("#frozen")).to_be_hidden()
    expect(page.locator("#banners")).to_contain_text("No reading has come from any device", timeout=FROZEN)


def test_a_new_value_of_an_unassigned_device_takes_no_focus_and_no_click(page: Page, stage: Stage) -> None:
    def sends(heart_rate: int) -> Callable[[], None]:
        def script() -> None:
            stage.scene.reading("x7", "icu", heart_rate=heart_rate)

        return script

    stage.script = sends(191)
    ready(page)
    row, other = page.locator("#unassigned li", has_text="x7"), page.locator("#others a").first
    expect(row).to_contain_text("191", timeout=SOON)
    button = row.get_by_role("button", name="Acknowledge").element_handle()
    link = other.element_handle()
    button.focus()
    stage.script = sends(175)
    expect(row).to_contain_text("175", timeout=SOON)
    assert button.evaluate("node => node === document.activeElement")
    assert link.evaluate("node => node.isConnected")
    stage.scene.alert("", "hypoxia", "SpO2 80 % < 88", device="x7")
    expect(row).to_contain_text("SpO2 80 % < 88", timeout=SOON)
    button.click()
    expect(page.locator("#ack-choices label")).to_have_count(2, timeout=SOON)


@pytest.mark.parametrize(
    ("latched", "end"),
    [
        (EndReason.SIGNAL_LOST, "signal lost, not known whether it has ended"),
        (EndReason.PAUSED, "closed, no longer checked: paused"),
    ],
)
def test_a_tile_never_heads_as_ended_what_may_not_have_ended(
    page: Page, stage: Stage, latched: EndReason, end: str
) -> None:
    known = stage.scene.model.alerts.get("hypoxia-icu-03")
    assert known is not None
    stage.scene.send(replace(known, latched=latched))
    ready(page)
    tile = page.locator("#tile-icu-03")
    expect(tile.locator(".acknowledgement")).to_contain_text(f"{end}, not acknowledged", timeout=SOON)
    expect(tile.locator(".priority-text")).to_have_text("HIGH")
    expect(tile).to_have_attribute("aria-label", re.compile(f"{end}, not acknowledged$"))
    ready(page, "/bed/icu-03")
    expect(page.locator("#alerts .acknowledgement")).to_contain_text(f"{end}, not acknowledged", timeout=SOON)
    expect(page.locator("#priority")).to_have_text("HIGH")


def test_a_tile_heads_as_ended_only_where_no_alert_of_its_bed_goes_on(page: Page, stage: Stage) -> None:
    known = stage.scene.model.alerts.get("hypoxia-icu-03")
    assert known is not None
    stage.scene.send(replace(known, latched=EndReason.RECOVERED))
    ready(page)
    tile = page.locator("#tile-icu-03")
    expect(tile.locator(".priority-text")).to_have_text("ENDED")
    stage.scene.alert("icu-03", "tachypnoea", "Respiratory rate 29 /min > 25", severity=Severity.MEDIUM)
    expect(tile.locator(".acknowledgement")).to_contain_text("and 1 more")
    expect(tile.locator(".priority-text")).to_have_text("HIGH")


def test_unassigned_devices_and_alerts_without_a_bed_are_shown_separately(page: Page) -> None:
    ready(page)
    expect(page.locator("#unassigned")).to_contain_text("x7")
    expect(page.locator("#unassigned")).to_contain_text("Heart rate 190 /min > 150")
    expect(page.locator("#others")).to_contain_text("Humidity 71.7 %")


def test_an_alert_is_acknowledged_by_keyboard(page: Page, stage: Stage) -> None:
    ready(page)
    page.keyboard.press("ArrowDown")
    expect(page.locator("#tile-icu-03")).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#tile-hdu-04")).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("a")
    expect(page.get_by_label("Your name")).to_be_focused()
    page.keyboard.type("Nurse Ada")
    page.keyboard.press("Enter")
    expect(page.locator("#ack")).to_be_hidden(timeout=SOON)
    action = log_messages(stage.scene.log, ACTIONS, ACTION_WIRE)[-1]
    assert (action.type, action.subject, action.by) == (ActionType.ACKNOWLEDGE, "hypoxia-icu-03", "Nurse Ada")
    alert = stage.scene.model.alerts.get("hypoxia-icu-03")
    assert alert is not None
    stage.scene.acknowledged(alert, "Nurse Ada")
    expect(page.locator("#tile-icu-03")).to_contain_text("HIGH, acknowledged", timeout=SOON)
    expect(page.locator("#tile-icu-03")).to_contain_text("acknowledged by Nurse Ada")
    expect(page.locator("#tile-icu-03")).to_be_focused()  # it has moved and kept the focus


def test_a_refused_acknowledgement_shows_the_reason_and_escape_closes_the_dialog(
    page: Page, stage: Stage, errors: PageErrors
) -> None:
    ready(page)
    alert = stage.scene.model.alerts.get("hypoxia-icu-03")
    assert alert is not None
    page.locator("#tile-icu-03 button").click()
    stage.scene.acknowledged(alert, "Nurse Bo")
    expect(page.locator("#counts")).to_contain_text("5 unacknowledged", timeout=SOON)
    page.get_by_label("Your name").fill("Nurse Ada")
    page.locator("#ack-do").click()
    expect(page.locator("#ack-problem")).to_contain_text("acknowledged already, by Nurse Bo at", timeout=SOON)
    page.keyboard.press("Escape")
    expect(page.locator("#ack")).to_be_hidden()
    assert [text for text in errors if "409" not in text] == []
    errors.clear()


def test_the_overlay_appears_within_ten_seconds_when_the_server_does_not_answer(
    page: Page, stage: Stage, errors: PageErrors
) -> None:
    ready(page)
    expect(page.locator("#frozen")).to_be_hidden()
    stage.kill()
    expect(page.locator("#frozen")).to_be_visible(timeout=FROZEN)
    expect(page.locator("#frozen-title")).to_have_text(re.compile(r"FROZEN since \d\d:\d\d:\d\d"))
    expect(page.locator("#frozen")).to_contain_text("Do not rely on this screen")
    expect(page).to_have_title(re.compile("^FROZEN"))
    assert page.evaluate("document.elementFromPoint(400, 300).id") == "frozen"
    errors.clear()  # a server that does not answer is an error on the console


def test_the_overlay_appears_while_the_server_has_stale_data(page: Page, stage: Stage) -> None:
    ready(page)
    stage.following = False
    expect(page.locator("#frozen")).to_be_visible(timeout=FROZEN)
    expect(page.locator("#frozen-why")).to_contain_text("The server does not receive new data")
    stage.following = True
    expect(page.locator("#frozen")).to_be_hidden(timeout=LOADED)


def test_a_repeated_answer_does_not_count_as_an_update(page: Page) -> None:
    """As from the cache of a proxy, or from a server with a stopped clock."""
    ready(page)
    first = page.evaluate("async () => (await fetch('/api/v1/board')).text()")
    page.route("**/api/v1/board*", lambda route: route.fulfill(body=first, content_type="application/json"))
    expect(page.locator("#frozen")).to_be_visible(timeout=FROZEN)


def test_the_overlay_appears_when_scripts_stop_and_covers_an_open_dialog(page: Page) -> None:
    ready(page)
    page.locator("#tile-icu-03 button").click()
    expect(page.locator("#ack")).to_be_visible()
    page.evaluate("() => { window.fetch = () => new Promise(() => {}); }")  # no answer ever
    expect(page.locator("#frozen")).to_be_visible(timeout=FROZEN)
    assert page.evaluate("document.elementFromPoint(innerWidth / 2, innerHeight / 2).closest('#frozen') !== null")


def test_a_page_without_scripts_is_frozen_from_the_start(browser: Browser, stage: Stage) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(stage.url)
    expect(page.locator("#frozen")).to_be_visible(timeout=FROZEN)
    expect(page.locator("#frozen-title")).to_contain_text("FROZEN since 16:00")
    context.close()


@pytest.mark.parametrize(
    ("width", "height", "columns"),
    [(2560, 1440, 5), (1600, 1000, 5), (1440, 900, 5), (1366, 768, 5), (1024, 768, 4), (768, 1024, 3)],
)
def test_on_any_screen_tiles_are_side_by_side_and_complete(
    browser: Browser, stage: Stage, width: int, height: int, columns: int
) -> None:
    context = browser.new_context(viewport={"width": width, "height": height}, base_url=stage.url)
    page = context.new_page()
    ready(page)
    drawn(page)
    lefts = page.locator(".tile").evaluate_all("tiles => tiles.map(tile => tile.offsetLeft)")
    assert len(set(lefts)) == columns
    cut = "tiles => tiles.filter(tile => tile.scrollHeight > tile.clientHeight + 1).map(tile => tile.id)"
    assert page.locator(".tile").evaluate_all(cut) == []
    # A value that reaches into the next cell would be read as the neighbour's.
    covering = """cells => cells.filter(cell => [...cell.querySelectorAll(".num, .line")].some(text =>
        text.getBoundingClientRect().right > cell.getBoundingClientRect().right + 1)).map(cell => cell.textContent)"""
    assert page.locator(".tile .cell").evaluate_all(covering) == []
    context.close()


@pytest.mark.parametrize("path", ["/", "/bed/icu-03", "/imaging", "/alerts", "/pipeline", "/mail"])
def test_on_a_phone_nothing_is_wider_than_the_screen(
    browser: Browser, stage: Stage, errors: PageErrors, path: str
) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844}, base_url=stage.url, color_scheme="dark")
    errors.watch(context, stage.url)
    page = context.new_page()
    ready(page, path)
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    if path == "/":
        button = page.locator("#tile-icu-03 button").bounding_box()
        assert button is not None
        assert button["height"] >= 36  # large enough for a finger
    context.close()
    assert errors == []


def test_hostile_text_is_shown_as_text(page: Page, stage: Stage) -> None:
    evil = "<img src=x onerror=\"document.title='pwned'\">\u202e"
    stage.scene.alert("icu-01", text=evil)
    stage.scene.quarantined("evil", evil.encode())
    ready(page)
    expect(page.locator("#tile-icu-01")).to_contain_text("<img src=x", timeout=SOON)
    ready(page, "/pipeline")
    page.locator("summary", has_text="evil").click()
    expect(page.locator("pre", has_text="<img src=x")).to_be_visible()
    ready(page, "/alerts")
    expect(page.locator("#active")).to_contain_text("<img src=x")
    assert page.locator("img").count() == 0
    assert "pwned" not in page.title()


def test_the_theme_follows_the_operating_system_and_the_button(browser: Browser, stage: Stage) -> None:
    context = browser.new_context(color_scheme="dark", base_url=stage.url)
    page = context.new_page()
    ready(page)
    ground = "getComputedStyle(document.body).backgroundColor"
    dark = page.evaluate(ground)
    page.locator("#theme").click()
    assert page.evaluate(ground) != dark
    page.reload()
    assert page.evaluate("document.documentElement.dataset.theme") == "light"
    context.close()


def test_with_reduced_motion_nothing_flashes_and_the_overlay_appears(browser: Browser, stage: Stage) -> None:
    context = browser.new_context(reduced_motion="reduce", base_url=stage.url)
    page = context.new_page()
    ready(page)
    assert page.locator("#tile-icu-03 .tile-head").evaluate("n => getComputedStyle(n).animationName") == "none"
    assert page.locator("#frozen").evaluate("n => getComputedStyle(n).animationName").startswith("frozen")
    context.close()
