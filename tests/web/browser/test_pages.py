"""The other pages in a browser."""

import dataclasses
import re

import pytest
from msgspec.structs import replace
from playwright.sync_api import Page, Route, expect

from tests.web.browser.conftest import SOON, PageErrors
from tests.web.browser.stage import Stage
from tests.web.browser.test_ward import ready
from ward.ack_link import AckLink, signed
from ward.alert import DELIVERY
from ward.clock import SECOND, format_span
from ward.config.alerting import LinkKey
from ward.finding import Kind, Severity

pytestmark = pytest.mark.engines
HOSTILE = "<img src=x onerror=alert(1)>\"'../"


def test_the_bed_page_draws_a_curve_of_every_signal_for_every_range(page: Page) -> None:
    ready(page, "/bed/icu-03")
    expect(page.locator(".chart canvas")).to_have_count(5, timeout=SOON)
    expect(page.locator(".chart", has_text="Heart rate")).to_contain_text("limits 50–120")
    for name in ("1 h", "6 h", "24 h", "3 d", "7 d", "15 min"):
        page.locator("#ranges").get_by_text(name, exact=True).click()
        expect(page.locator("#ranges [aria-pressed=true]")).to_have_text(name)
    expect(page.locator("#curves-note")).to_have_text(re.compile(r"since the first reading, \d\d:\d\d"))
    expect(page.locator("#last tbody tr")).to_have_count(20, timeout=SOON)
    expect(page.locator("#devices")).to_contain_text("mon-icu-03")
    expect(page.locator("#past")).to_contain_text("Heart rate 122", timeout=SOON)


def test_the_bed_page_names_the_rules_that_cannot_judge_yet(page: Page, stage: Stage) -> None:
    stage.scene.progress("mon-icu-04", "temperature", "temperature-drift", "warming up, 12 of 48 values")
    ready(page, "/bed/icu-04")
    expect(page.locator("#progress")).to_have_text(
        "Not evaluated yet: temperature-drift (Temperature): warming up, 12 of 48 values.", timeout=SOON
    )


def test_a_gap_in_the_readings_is_a_gap_in_the_curve(page: Page) -> None:
    ready(page, "/bed/icu-09")
    expect(page.locator(".chart canvas")).to_have_count(5, timeout=SOON)
    expect(page.locator("#priority")).to_contain_text("NO DATA")
    # The right fifth of the plot, without readings for three minutes, has no pixel of the curve's colour.
    found = page.locator(".chart canvas").first.evaluate(
        """canvas => {
            const rgb = getComputedStyle(document.documentElement).getPropertyValue('--curve').trim();
            const want = [1, 3, 5].map(i => parseInt(rgb.slice(i, i + 2), 16));
            const { data, width } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
            const seen = [0, 0];
            for (let i = 0; i < data.length; i += 4) {
                if (!want.every((c, j) => Math.abs(data[i + j] - c) < 12)) continue;
                seen[Number((i / 4) % width > width * 0.85)] += 1;
            }
            return seen;
        }"""
    )
    assert found[0] > 100
    assert found[1] == 0


def test_the_bed_page_shows_the_details_of_an_alert_and_acknowledges_it(page: Page, stage: Stage) -> None:
    ready(page, "/bed/icu-03?alert=hypoxia-icu-03")
    row = page.locator("#alerts .alert-row.linked")
    expect(row).to_contain_text("3f9a51c7e0d24b68")  # the link of a notification opens the details
    row.get_by_role("button", name="Acknowledge").click()
    page.get_by_role("dialog").get_by_label("Your name").fill("Nurse Ada")
    page.locator("#ack-do").click()
    expect(page.locator("#ack")).to_be_hidden(timeout=SOON)
    alert = stage.scene.model.alerts.get("hypoxia-icu-03")
    assert alert is not None
    stage.scene.acknowledged(alert, "Nurse Ada")
    expect(page.locator("#alerts")).to_contain_text("acknowledged by Nurse Ada", timeout=SOON)
    expect(page.get_by_role("button", name="Un-acknowledge")).to_be_visible()
    page.get_by_role("button", name="Take over…").click()  # the last name entered here is that of who has it
    page.get_by_role("dialog").get_by_label("Your name").fill("Nurse Bo")
    page.locator("#ack-do").click()
    expect(page.locator("#ack")).to_be_hidden(timeout=SOON)
    page.get_by_role("button", name="Take over as Nurse Bo").click()  # one click
    expect(page.locator("#ack")).to_be_hidden(timeout=SOON)


@pytest.mark.parametrize("path", ["/bed/icu-03?alert=hypoxia-icu-03", "/alerts?alert=hypoxia-icu-03"])
def test_a_row_follows_the_value_and_keeps_its_buttons(page: Page, stage: Stage, path: str) -> None:
    scene = stage.scene
    known = scene.model.alerts.get("hypoxia-icu-03")
    assert known is not None
    stage.script = lambda: scene.healthy("icu-03", spo2=84)
    summary = {"summary": "ICU bed 3: SpO2 84 % < 88"}
    scene.send(replace(known, source="limits", worst=84.0, annotations=known.annotations | summary))
    ready(page, path)
    row = page.locator(".alert-row.linked")
    expect(row.locator(".text")).to_have_text("ICU bed 3: SpO2 84 % < 88", timeout=SOON)
    button = row.get_by_role("button", name="Silence", exact=True).element_handle()
    stage.script = lambda: scene.healthy("icu-03", spo2=71)
    expect(row.locator(".text")).to_have_text("ICU bed 3: SpO2 71 % < 88", timeout=SOON)
    expect(row.locator(".facts")).to_contain_text("71 %")
    assert button.evaluate("node => node.isConnected")


def test_the_page_of_a_link_in_a_message_acknowledges_by_its_button(page: Page, stage: Stage) -> None:
    scene, config = stage.scene, stage.scene.live.config
    key = LinkKey.model_validate({"name": "new", "key": "k" * 32})
    scene.live.config = dataclasses.replace(config, alerting=config.alerting.model_copy(update={"link_keys": (key,)}))
    token = signed(AckLink("hypoxia-icu-03", "chat", scene.clock.now() + 600 * SECOND), "k" * 32)
    page.goto(f"{stage.url}/a/{token}")
    expect(page.locator("h1")).to_have_text("HIGH priority, ICU bed 3")
    page.get_by_role("button", name="Seen, but I cannot go").click()
    page.get_by_label("Your name").first.fill("Dr. Bo")
    page.get_by_role("button", name="Seen, but I cannot go").click()
    expect(page.locator("#link-state")).to_contain_text("recorded as seen by Dr. Bo", timeout=SOON)
    page.get_by_role("button", name="Acknowledge: I go there").click()
    expect(page.locator("#link-state")).to_contain_text("will be acknowledged by Dr. Bo", timeout=SOON)
    expect(page.locator("#link-form")).to_be_hidden()
    scene.live.config = config


def test_an_alert_is_silenced_on_the_bed_page_and_its_silence_ended_on_the_alerts_page(
    page: Page, stage: Stage
) -> None:
    ready(page, "/bed/icu-03")
    page.get_by_role("button", name="Silence", exact=True).click()
    page.get_by_role("dialog").get_by_label("Your name").fill("Nurse Ada")
    page.locator("#ack-do").click()
    expect(page.locator("#ack-problem")).to_contain_text("enter the reason")
    page.get_by_label("Reason").fill(HOSTILE)
    page.locator("#ack-do").click()
    expect(page.locator("#ack")).to_be_hidden(timeout=SOON)
    (silence,) = stage.scene.model.silences.of("hypoxia-icu-03")
    assert (silence.by, silence.comment, (silence.ends_at - silence.starts_at) / SECOND) == ("Nurse Ada", HOSTILE, 600)
    alert = stage.scene.model.alerts.get("hypoxia-icu-03")
    assert alert is not None
    stage.scene.send(replace(alert, silenced_by=(silence.id,), reason="silenced", notified_at=None))
    row = page.locator("#alerts .alert-row")
    expect(row).to_contain_text(re.compile(r"Silenced by Nurse Ada until \d\d:\d\d: <img"), timeout=SOON)
    expect(row).to_contain_text("Silenced")
    ready(page, "/alerts")
    listed = page.locator("#silences .alert-row", has_text=HOSTILE)
    listed.get_by_role("button", name="End silence").click()
    page.locator("#ack-do").click()
    expect(listed).to_be_hidden(timeout=SOON)
    assert not stage.scene.model.silences.of("hypoxia-icu-03")[0].ends_at > stage.scene.clock.now()


def test_an_alert_shows_its_silences_and_failing_channels(page: Page, stage: Stage) -> None:
    scene = stage.scene
    problem = scene.alert("", "channel-problem", "", device="x", id_="t1", kind=Kind.TECHNICAL)
    labels = {"alertname": "channel-problem", "channel": "mail", "severity": "high"}
    scene.send(replace(problem, source=DELIVERY, labels=labels, annotations={"summary": f"Channel mail: {HOSTILE}"}))
    alert = scene.model.alerts.get("tachycardia-icu-07")
    assert alert is not None
    scene.send(
        replace(
            alert, inhibited_by=("hypoxia-icu-03",), notified_at=None, reason="no messages: inhibited by another alert"
        )
    )
    ready(page, "/bed/icu-07")
    row = page.locator("#alerts .alert-row")
    expect(row).to_contain_text("Inhibited while active: ICU bed 3: SpO2 84 % < 88", timeout=SOON)
    expect(row).to_contain_text(f"Channel mail: {HOSTILE}")
    expect(page.locator("#banners")).to_contain_text("Notifications may not arrive: Channel mail:")
    ready(page, "/alerts")
    expect(page.locator("#active")).to_contain_text(HOSTILE)


def test_the_alerts_page_filters_and_separates_active_and_ended_alerts(page: Page) -> None:
    ready(page, "/alerts")
    expect(page.locator("#active .alert-row")).to_have_count(8)
    expect(page.locator("#ended")).to_contain_text(": ended", timeout=SOON)
    page.get_by_label("Severity").select_option("high")
    expect(page.locator("#active .alert-row")).to_have_count(3, timeout=SOON)
    page.get_by_label("Acknowledged").select_option("true")
    expect(page.locator("#active .alert-row")).to_have_count(1, timeout=SOON)


def test_a_late_answer_of_an_earlier_filter_replaces_no_newer_one(page: Page) -> None:
    held: list[Route] = []
    page.route("**/api/v1/alerts?*state=ended*", lambda route: route.continue_() if held else held.append(route))
    ready(page, "/alerts")
    with page.expect_request_finished(lambda request: "ended" in request.url and "severity=high" in request.url):
        page.get_by_label("Severity").select_option("high")
    with page.expect_request_finished(lambda request: request.url == held[0].request.url):
        held[0].continue_()
    page.evaluate("async () => (await fetch('/api/v1/status')).json()")
    expect(page.locator("#ended .alert-row")).to_have_count(0)


def test_the_alerts_page_has_pages_that_keys_turn(page: Page, stage: Stage) -> None:
    for n in range(450):
        stage.scene.alert("", f"fan-{n:03}", device=f"host-{n:03}", severity=Severity.LOW, kind=Kind.TECHNICAL, ago=n)
    ready(page, "/alerts")
    pages = page.locator("#active-pages")
    expect(pages).to_contain_text("1–200 of 458", timeout=SOON)
    expect(pages.get_by_role("button", name="Previous")).to_be_disabled()
    pages.get_by_role("button", name="Next").focus()
    page.keyboard.press("Enter")
    expect(pages).to_contain_text("201–400 of 458", timeout=SOON)
    expect(page.locator("#active .alert-row")).to_have_count(200)
    page.keyboard.press("Enter")
    expect(pages).to_contain_text("401–458 of 458", timeout=SOON)
    expect(pages.get_by_role("button", name="Next")).to_be_disabled()
    page.get_by_label("Severity").select_option("high")
    expect(pages).to_be_hidden(timeout=SOON)
    ready(page, "/alerts?alert=fan-444-host-444")
    expect(page.locator("#active .linked")).to_contain_text("host-444", timeout=SOON)


def test_the_imaging_page_shows_its_four_analyses(page: Page) -> None:
    ready(page, "/imaging")
    expect(page.locator("#messages")).to_have_text("10\u202f455")
    expect(page.locator("#sensors")).to_have_text("297")
    expect(page.locator("#rows tr")).to_have_count(51)
    humid = [float(text) for text in page.locator("#rows td.n:nth-child(2)").all_inner_texts()]
    assert humid == sorted(humid, reverse=True)


def test_the_pipeline_page_shows_stages_programs_and_a_refused_edit(page: Page, stage: Stage) -> None:
    stage.scene.live.faults = ("thresholds.yaml:3:1: low above high", "b:1:1: x")
    ready(page, "/pipeline")
    expect(page.locator("#stages")).to_contain_text("48\u202f211")
    expect(page.locator("#config")).to_have_text(
        re.compile(r"config 3f9a51c7…, edit of \d\d:\d\d refused: 2 faults"), timeout=SOON
    )
    expect(page.locator("#config-now")).to_contain_text("thresholds.yaml:3:1: low above high")
    expect(page.locator("#channels")).to_contain_text("mail")


def test_the_mail_page_shows_plain_text(page: Page) -> None:
    ready(page, "/mail")
    expect(page.locator("#mails")).to_contain_text("HIGH priority, ICU bed 3: SpO2 84 % < 88")
    expect(page.locator("#mails pre")).to_contain_text("<b>x</b>")


def test_the_api_documentation_loads_nothing_from_another_site(page: Page) -> None:
    page.goto("/docs")
    expect(page.locator(".opblock").first).to_be_visible(timeout=SOON)


def test_a_span_is_the_same_in_the_browser_and_in_messages(page: Page) -> None:
    ready(page)
    seconds = [-3, 0, 15.4, 119.4, 119.6, 165, 599.4, 599.6, 629, 631, 7169, 7171, 7500, 172_769, 172_771, 354_601]
    script = "seconds => import('/static/js/format.js').then(({ span }) => seconds.map(span))"
    assert page.evaluate(script, seconds) == [format_span(each) for each in seconds]


def test_an_acknowledgement_without_an_answer_is_said_to_be_not_known(page: Page, errors: PageErrors) -> None:
    ready(page)
    page.route("**/ack", lambda route: route.abort())
    page.locator("#tile-icu-03 button").first.click()
    page.get_by_label("Your name").fill("Nurse Ada")
    page.locator("#ack-do").click()
    expect(page.locator("#ack-problem")).to_contain_text("not known whether this was saved", timeout=SOON)
    errors.clear()  # a request without an answer is an error on the console
