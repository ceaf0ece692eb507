"""Scores and observations on tiles and on the page of a bed."""

import dataclasses
import re
from collections.abc import Iterator

import pytest
from msgspec.structs import replace
from playwright.sync_api import Browser, Locator, Page, expect

from bridge.store_points.bed_scores import bed_score_points
from tests.kit.log_records import log_messages
from tests.web.browser.conftest import SOON, PageErrors
from tests.web.browser.score_scene import news2, risk, scored
from tests.web.browser.stage import Stage
from tests.web.browser.test_ward import ready
from tests.web.scene import Scene, hospital
from tests.web.test_scores import send
from ward.action import ActionType
from ward.clock import SECOND
from ward.inventory import Inventory
from ward.topics import ACTIONS
from ward.wire import ACTION_WIRE

pytestmark = pytest.mark.engines
HOUR = 3600 * SECOND
BED = "/bed/icu-03"


@pytest.fixture(scope="module")
def ward(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """ICU bed 1 has a total, 2 a lower bound, 3 one without oxygen, 4 an old score, 5 none; 6 has a risk, too; 7 is to
    be observed continuously."""
    scene = Scene(tmp_path_factory.mktemp("ward"), scored(hospital()))
    send(scene, news2(scene, "icu-04", 5))
    scene.settle()
    scene.clock.advance(40)
    now = scene.clock.now()
    scene.own.write(
        [*bed_score_points(replace(news2(scene, "icu-01", 3), at=now // (60 * SECOND) * 60 * SECOND - HOUR))]
    )
    for bed in list(scene.live.config.inventory.beds)[:-1]:
        scene.healthy(bed)
    total = news2(scene, "icu-01", 5)
    send(scene, replace(total, at=now - 3 * HOUR, at_least=3.0), total, news2(scene, "icu-02", 5, old=True, due=-2100))
    send(scene, news2(scene, "icu-03", 5, oxygen=None))
    send(scene, news2(scene, "icu-06", 5), risk(scene, "icu-06", 58))
    send(scene, news2(scene, "icu-07", 9, due=-4), replace(risk(scene, "icu-07", 12), parts=[]))
    steps = 0

    def script() -> None:
        nonlocal steps
        steps += 1
        if steps % 8 == 0:
            for bed in list(scene.live.config.inventory.beds)[:-1]:
                scene.healthy(bed)
        if steps % 40 == 0:
            send(scene, news2(scene, "icu-01", 5), news2(scene, "icu-02", 5, old=True, due=-2100))
            send(scene, news2(scene, "icu-07", 9, due=-4), replace(risk(scene, "icu-07", 12), parts=[]))
            send(scene, news2(scene, "icu-03", 5, oxygen=None), news2(scene, "icu-06", 5), risk(scene, "icu-06", 58))

    with Stage(scene, script) as made:
        yield made
    scene.close()


@pytest.fixture
def errors() -> PageErrors:
    return PageErrors()


@pytest.fixture
def seen(browser: Browser, ward: Stage, errors: PageErrors) -> Iterator[Page]:
    """A page of its own for each test; a refusal is on the console of a browser and no error of ours."""
    context = browser.new_context(base_url=ward.url, viewport={"width": 1920, "height": 1080}, reduced_motion="reduce")
    errors.watch(context, ward.url)
    yield context.new_page()
    context.close()
    assert [error for error in errors if "Failed to load resource" not in error] == []


def test_a_tile_shows_a_total_and_a_lower_bound_unlike_each_other_without_colour(seen: Page) -> None:
    ready(seen)
    total, least, nothing, old = (seen.locator(f"#tile-icu-0{n} .score-line .total") for n in (1, 2, 5, 4))
    expect(total).to_have_text("NEWS2 5")
    expect(least).to_have_text("NEWS2 ≥ 5")
    expect(nothing).to_have_text("NEWS2 –")
    expect(old).to_contain_text(re.compile(r"NEWS2 5 \d\d:\d\d"))
    border = "node => getComputedStyle(node).borderTopStyle"
    assert (total.evaluate(border), least.evaluate(border)) == ("solid", "dashed")
    ground = "node => getComputedStyle(node).backgroundColor"
    assert light(total, ground) < 60 < 200 < light(least, ground)
    assert "line-through" in old.locator(".figure").evaluate("node => getComputedStyle(node).textDecorationLine")
    assert "line-through" not in total.locator(".figure").evaluate("node => getComputedStyle(node).textDecorationLine")


def light(node: Locator, colour: str) -> float:
    """How light the ground of an element is, 0 to 255."""
    parts = re.findall(r"\d+", str(node.evaluate(colour)))
    return sum(int(part) for part in parts[:3]) / 3


def test_a_tile_shows_the_trend_and_when_to_observe_next(seen: Page) -> None:
    ready(seen)
    line = seen.locator("#tile-icu-01 .score-line")
    expect(line.locator(".trend use")).to_have_attribute("href", "/static/icons.svg#up")
    expect(line.locator(".trend")).to_have_text(re.compile("from 3, 3 h ago"))
    expect(line.locator(".due")).to_have_text(re.compile(r"^due \d\d:\d\d$"))
    expect(seen.locator("#tile-icu-07 .due")).to_have_text("observe now")
    expect(seen.locator("#tile-icu-02 .due")).to_have_text(re.compile("^overdue 3[5-9] min$"))
    expect(seen.locator("#tile-icu-03 .due")).to_have_text("not observed")
    expect(seen.locator("#tile-icu-06 .other")).to_have_text("Risk (experimental) 58")
    drivers = [seen.locator(f"#tile-icu-0{n} .tile-scores > .score-parts").last for n in (6, 7)]
    expect(drivers[0]).to_have_text(re.compile(r"^Risk \(experimental\) 58: \+14 for RR 28"))
    expect(drivers[1]).to_have_text("")  # nothing drives it
    spoken = re.compile(r"NEWS2 at least 5, not known: consciousness, observation overdue since \d\d:\d\d, 3\d min$")
    expect(seen.locator("#tile-icu-02")).to_have_attribute("aria-label", spoken)


def test_the_page_of_a_bed_shows_each_part_with_value_points_and_age(seen: Page) -> None:
    ready(seen, "/bed/icu-02")
    score = seen.locator("#scores .score").first
    expect(score.locator("h3")).to_contain_text("NEWS2 ≥ 5 of 20")
    expect(score.locator("h3 .figure")).to_have_attribute("aria-label", "at least 5")
    expect(score.locator(".response")).to_have_text("Urgent assessment by a clinician")
    expect(score.locator(".due")).to_contain_text("Observation overdue since ")
    rows = score.locator("tbody tr")
    expect(rows.first).to_contain_text(re.compile(r"Respiratory rate15 /min3\d+ s"))
    expect(rows.last).to_contain_text("Consciousness")
    expect(rows.last).to_contain_text("Alert too old: not counted")
    expect(rows.last.locator(".n")).to_have_text("not known")


def test_a_risk_is_shown_by_the_same_template_with_what_drives_it_first(seen: Page) -> None:
    ready(seen, "/bed/icu-06")
    score = seen.locator("#scores .score").nth(1)
    expect(score.locator("h3")).to_contain_text("Risk (experimental) 58 of 100")
    expect(score.locator(".response")).to_contain_text("decide nothing by this score alone")
    expect(score.locator("tbody th")).to_have_text(["Respiratory rate", "Age", "Pulse pressure", "Shock index"])
    expect(score.locator("tbody .n")).to_have_text(["+14", "+7", "0", "−3"])


def test_the_page_of_a_bed_draws_the_course_of_a_score(seen: Page) -> None:
    ready(seen, "/bed/icu-01")
    course = seen.locator("#scores .score").first.locator(".course")
    expect(course).to_be_visible(timeout=SOON)
    expect(course.locator("path.total")).to_be_attached()
    expect(course.locator("figcaption")).to_contain_text("lowest 3, highest 3")


def test_nothing_known_and_an_old_score_look_like_that_on_the_page_of_a_bed(seen: Page) -> None:
    ready(seen, "/bed/icu-05")
    expect(seen.locator("#scores h3").first).to_contain_text("NEWS2 –")
    expect(seen.locator("#scores")).to_contain_text("Nothing is known yet.")
    ready(seen, "/bed/icu-04")
    expect(seen.locator("#scores .problem-mark").first).to_contain_text("not evaluated since")


def observe(page: Page) -> Locator:
    ready(page, BED)
    form = page.locator("#observe")
    expect(form).to_be_visible()
    return form


def test_the_form_has_a_field_for_each_signal_that_people_observe_in_their_words(seen: Page) -> None:
    form = observe(seen)
    expect(form.locator("#observe-fields .field > label[for]")).to_have_text(["Oxygen", "Consciousness"])
    form.get_by_text("About this patient: holds for the whole stay").click()
    expect(form.locator("#observe-lasting .field > label[for]")).to_have_text(["SpO2 scale"])
    words = ["–", "Alert", "New confusion", "Responds to voice", "Responds to pain", "Unresponsive"]
    expect(form.get_by_label("Consciousness").locator("option")).to_have_text(words)
    expect(form.get_by_label("Oxygen", exact=True).locator("option")).to_have_text(["–", "On air", "On oxygen"])
    expect(form.locator(".caution")).to_have_text(re.compile("Scale 2 only where a clinician has prescribed"))
    named = form.get_by_label("SpO2 scale").get_attribute("aria-describedby")
    assert named is not None
    assert "observe-spo2_scale-caution" in named


def test_an_observation_is_entered_by_keyboard_and_shown_with_its_author(seen: Page, ward: Stage) -> None:
    form = observe(seen)
    expect(seen.locator("#observe-consciousness-last")).to_have_text("Not observed yet.", timeout=SOON)
    form.get_by_label("Oxygen", exact=True).focus()
    seen.keyboard.type("On o")
    expect(form.get_by_label("On oxygen, L/min")).to_be_focused()
    seen.keyboard.type("2")
    seen.keyboard.press("Tab")
    seen.keyboard.type("New")
    form.get_by_label("Your name").focus()
    seen.keyboard.type("Nurse Ada")
    seen.keyboard.press("Enter")
    expect(seen.locator("#observe-result")).to_contain_text(
        "Saved for ICU bed 3, observed by Nurse Ada at ", timeout=SOON
    )
    expect(seen.locator("#observe-oxygen-last")).to_contain_text(
        "Last: On oxygen, 2 L/min · Nurse Ada · ", timeout=SOON
    )
    expect(seen.locator("#observe-consciousness-last")).to_contain_text("New confusion")
    expect(form.get_by_label("Consciousness")).to_have_value("")
    expect(form.get_by_label("Your name")).to_have_value("Nurse Ada")
    action = [one for one in log_messages(ward.scene.log, ACTIONS, ACTION_WIRE) if one.type is ActionType.OBSERVE][-1]
    assert action.observation is not None
    assert (action.observation.values, action.observation.patient) == ({"oxygen": 2, "consciousness": 1}, "P-1074")


def test_an_observation_has_the_time_that_was_entered_in_the_zone_of_the_site(seen: Page, ward: Stage) -> None:
    form = observe(seen)
    form.get_by_label("Consciousness").select_option("0")
    form.get_by_label("Observed at").fill("23:59")
    form.get_by_label("Your name").fill("Nurse Ben")
    form.get_by_role("button", name="Save").click()
    expect(seen.locator("#observe-result")).to_contain_text("at 2025-11-23 23:59:00", timeout=SOON)


def test_a_refusal_stands_at_its_field_and_what_was_entered_stays(seen: Page) -> None:
    form = observe(seen)
    form.get_by_role("button", name="Save").click()
    expect(seen.locator("#observe-problem")).to_have_text("Please enter at least one observation.")
    form.get_by_label("Oxygen", exact=True).select_option("On oxygen")
    form.get_by_label("On oxygen, L/min").fill("500")
    form.get_by_role("button", name="Save").click()
    expect(seen.locator("#observe-problem")).to_have_text("Please enter your name.")
    form.get_by_label("Your name").fill("Nurse Ada")
    form.get_by_role("button", name="Save").click()
    refused = seen.locator("#observe-oxygen-problem")
    expect(refused).to_have_text("Oxygen 500 is not possible: it is from 0 to 80.", timeout=SOON)
    expect(form.get_by_label("On oxygen, L/min")).to_be_focused()
    expect(form.get_by_label("On oxygen, L/min")).to_have_value("500")
    form.get_by_role("button", name="Clear").click()
    expect(refused).to_be_hidden()
    expect(form.get_by_label("On oxygen, L/min")).to_be_hidden()


def test_an_observation_of_a_patient_who_has_moved_is_refused(seen: Page, ward: Stage) -> None:
    form = observe(seen)
    before = ward.scene.live.config
    form.get_by_label("Consciousness").select_option("0")
    form.get_by_label("Your name").fill("Nurse Ada")
    inventory = before.inventory
    stays = [dataclasses.replace(s, patient="P-9") if s.bed == "icu-03" else s for s in inventory.stays]
    moved = Inventory(wards=inventory.wards.values(), beds=inventory.beds.values(), stays=stays,
                      device_kinds=inventory.device_kinds.values(), devices=inventory.devices.values())  # fmt: skip
    ward.scene.live.config = dataclasses.replace(before, inventory=moved)
    try:
        expect(seen.locator("#observe-moved")).to_be_visible(timeout=SOON)
        form.get_by_role("button", name="Save").click()
        sentence = (
            "The patient in ICU bed 3 at that time is P-9, not 'P-1074': nothing was saved. Look at the bed again."
        )
        expect(seen.locator("#observe-problem")).to_have_text(sentence, timeout=SOON)
        form.get_by_role("button", name="Clear").click()
        expect(seen.locator("#observe-moved")).to_be_hidden()
    finally:
        ward.scene.live.config = before
