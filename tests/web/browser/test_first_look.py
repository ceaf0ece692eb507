"""A new demo in a browser: a simulated past, short curves, tiles with two alerts."""

import re

import pytest
from msgspec.structs import replace
from playwright.sync_api import Browser, Page, expect

from tests.web.browser.conftest import SOON, PageErrors
from tests.web.browser.stage import Stage
from tests.web.browser.test_ward import ready
from ward.clock import SECOND
from ward.finding import Severity
from ward.ports import Point, Series
from ward.simulated_past import SimulatedPast, mark, marked

pytestmark = pytest.mark.engines
DAY = 86_400 * SECOND

# How many dots of the curve's colour are in the left tenth of the first plot.
LEFT = """canvas => {
    const rgb = getComputedStyle(document.documentElement).getPropertyValue('--curve').trim();
    const want = [1, 3, 5].map(i => parseInt(rgb.slice(i, i + 2), 16));
    const { data, width } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    let seen = 0;
    for (let i = 0; i < data.length; i += 4) {
        const x = (i / 4) % width - 50 * devicePixelRatio;
        if (x > 0 && x < width * 0.1 && want.every((c, j) => Math.abs(data[i + j] - c) < 12)) seen += 1;
    }
    return seen;
}"""

# How many dots of a plot have the colour of each span, under the curve and its lines.
SPANS = """canvas => {
    const style = getComputedStyle(document.documentElement);
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    return Object.fromEntries(['high', 'medium', 'low'].map(severity => {
        const rgba = style.getPropertyValue(`--span-${severity}`).trim();
        const want = [1, 3, 5, 7].map(i => parseInt(rgba.slice(i, i + 2), 16));
        let seen = 0;
        for (let i = 0; i < data.length; i += 4) seen += want.every((c, j) => Math.abs(data[i + j] - c) < 5);
        return [severity, seen];
    }));
}"""


def simulated(stage: Stage, written: float) -> SimulatedPast:
    """A simulated past that ended six minutes ago, with readings of one bed in its last hour."""
    scene = stage.scene
    end = scene.clock.now() - 360 * SECOND
    past = SimulatedPast(start=end - 7 * DAY, end=end, written=written, periods={"heart_rate": 60.0})
    series = mark(Series.of("vitals", ward="icu", bed="icu-01", device="mon-icu-01", kind="bedside_monitor"))
    scene.own.write([Point(series, end - n * 60 * SECOND, {"heart_rate": 70.0 + n % 3}) for n in range(1, 60)])
    scene.own.write([past.point()])
    scene.model.simulated_past = past
    return past


def test_a_curve_of_few_readings_fills_the_width(page: Page) -> None:
    ready(page, "/bed/icu-01")
    expect(page.locator(".chart canvas")).to_have_count(5, timeout=SOON)
    page.locator("#ranges").get_by_text("6 h", exact=True).click()
    expect(page.locator("#curves-note")).to_have_text(re.compile(r"since the first reading, \d\d:\d\d"))
    assert page.locator(".chart canvas").first.evaluate(LEFT) > 20


def test_a_sparkline_fills_its_width_and_shows_its_length(page: Page) -> None:
    ready(page)
    curve = page.locator("#tile-icu-01 .curve")
    expect(curve.locator("dt")).to_contain_text(re.compile(r"[56] min"), timeout=SOON)
    first = curve.locator("svg path").evaluate("path => Number(path.getAttribute('d').match(/^M(-?[\\d.]+)/)[1])")
    assert 0 <= first < 10


def test_a_simulated_past_is_marked_on_every_page_and_beside_its_data(page: Page, stage: Stage) -> None:
    simulated(stage, 1.0)
    for path in ("/", "/alerts", "/pipeline", "/bed/icu-01"):
        ready(page, path)
        banner = page.locator("#banners .note")
        expect(banner).to_contain_text("Simulated past: all data before", timeout=SOON)
        expect(banner).not_to_contain_text("%")
    expect(page.locator("#curves-note")).to_contain_text("simulated past", timeout=SOON)
    rows = page.locator("#last tbody tr")
    expect(rows.first).not_to_contain_text("simulated past", timeout=SOON)


def test_each_simulated_alert_day_and_trend_is_marked_and_live_ones_are_not(page: Page, stage: Stage) -> None:
    scene, now = stage.scene, stage.scene.clock.now()
    hypoxia = {"alertname": "hypoxia", "ward": "icu", "bed": "icu-01", "severity": "high", "kind": "physiological"}
    ended: dict[str, float | str] = {
        "id": "past", "summary": "ICU bed 1: SpO2 83 % < 88", "starts_at": now / SECOND - 3600,
        "ends_at": now / SECOND - 3000, "ended": "recovered",
    }  # fmt: skip
    bed = {"ward": "icu", "bed": "icu-01", "device": "mon-icu-01"}
    day, mean = now // DAY * DAY, {"temperature": 36.6, "temperature_min": 36.1, "temperature_max": 37.2}
    trend = {"days": 6.0, "level": 36.7, "per_day": 0.043, "significant": 1.0}
    scene.own.write(
        [
            marked(Point(Series.of("alerts", state="ended", **hypoxia), now - 3000 * SECOND, ended)),
            Point(Series.of("days", **bed), day, mean),
            Point(Series.of("days", **bed), day - DAY, {**mean, "simulated": 1.0}),
            Point(Series.of("trends", **bed, signal="temperature"), now - 3600 * SECOND, {**trend, "simulated": 1.0}),
            Point(Series.of("trends", **bed, signal="heart_rate"), now - 3600 * SECOND, trend),
        ]
    )
    scene.ended(scene.alert("icu-01", text="SpO2 82 % < 88"))
    ready(page, "/bed/icu-01")
    for simulated_one, live in (
        (page.locator("#days tbody tr").nth(1), page.locator("#days tbody tr").nth(0)),
        (page.locator("#trends li", has_text="Temperature"), page.locator("#trends li", has_text="Heart rate")),
        (page.locator("#past li", has_text="SpO2 83 %"), page.locator("#past li", has_text="SpO2 82 %")),
    ):
        expect(simulated_one.locator(".past-mark")).to_have_text("simulated past", timeout=SOON)
        expect(live).to_be_visible(timeout=SOON)
        expect(live.locator(".past-mark")).to_have_count(0)


def test_the_page_shows_the_written_share_of_a_simulated_past(page: Page, stage: Stage) -> None:
    simulated(stage, 0.42)
    ready(page)
    expect(page.locator("#banners .note")).to_contain_text("42 % of them are written", timeout=SOON)


def test_simulated_readings_a_minute_apart_are_one_line(page: Page, stage: Stage) -> None:
    simulated(stage, 1.0)
    ready(page, "/bed/icu-01")
    expect(page.locator(".chart canvas")).to_have_count(5, timeout=SOON)
    assert page.locator(".chart canvas").first.evaluate(LEFT) > 20


def test_a_tile_shows_the_first_alert_and_the_number_of_further_ones_and_a_phone_their_texts(
    page: Page, stage: Stage, browser: Browser, errors: PageErrors
) -> None:
    long = "Respiratory rate 29 /min > 25"
    stage.scene.alert("icu-03", "tachypnoea", long, severity=Severity.MEDIUM, metric="respiratory_rate")
    stage.scene.alert("icu-07", "fever", "Fever", severity=Severity.LOW, metric="temperature")
    ready(page)
    expect(page.locator("#tile-icu-03 .text")).to_have_text("SpO2 84 % < 88", timeout=SOON)
    expect(page.locator("#tile-icu-03 .acknowledgement")).to_contain_text("and 1 more · unacknowledged", timeout=SOON)
    tile, more = (page.locator(f"#tile-icu-03{part}").bounding_box() for part in ("", " .more"))
    assert tile is not None
    assert more is not None
    assert more["x"] + more["width"] <= tile["x"] + tile["width"], "it is not cut off"
    phone = browser.new_context(viewport={"width": 390, "height": 844}, base_url=stage.url)
    errors.watch(phone, stage.url)
    small = phone.new_page()
    ready(small)
    expect(small.locator("#tile-icu-03 .rest")).to_have_text(long, timeout=SOON)
    expect(small.locator("#tile-icu-03 .rest")).to_be_visible()
    phone.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(
    ("bed", "chart", "severity"),
    [("icu-03", "SpO2", "high"), ("icu-07", "Heart rate", "medium"), ("hdu-02", "Temperature", "low")],
)
def test_the_span_of_an_alert_has_the_colour_of_its_severity(
    page: Page, bed: str, chart: str, severity: str, theme: str
) -> None:
    page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
    ready(page, f"/bed/{bed}")
    canvas = page.locator(".chart", has_text=chart).locator("canvas")
    expect(canvas).to_be_visible(timeout=SOON)
    found = canvas.evaluate(SPANS)
    assert found.pop(severity) > 1000
    assert max(found.values()) < 50, found


def test_the_span_of_an_alert_that_was_high_stays_in_the_colour_of_its_peak(page: Page, stage: Stage) -> None:
    alert = stage.scene.model.alerts.get("tachycardia-icu-07")
    assert alert is not None
    stage.scene.send(replace(alert, peak_severity=Severity.HIGH))
    ready(page)
    peak = """async () => {
        const answer = await fetch('/api/v1/alerts/tachycardia-icu-07');
        return (await answer.json()).alert.peak_severity === 'high';
    }"""
    page.wait_for_function(peak, timeout=SOON)
    ready(page, "/bed/icu-07")
    canvas = page.locator(".chart", has_text="Heart rate").locator("canvas")
    expect(canvas).to_be_visible(timeout=SOON)
    assert canvas.evaluate(SPANS)["high"] > 1000
