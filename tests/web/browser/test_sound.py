"""The sound of the ward page: tones by priority, and a sign for each way in which it can be silent."""

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest
from msgspec.structs import replace
from playwright.sync_api import Browser, Page, expect

from tests.web.browser.conftest import SOON
from tests.web.browser.stage import Stage
from tests.web.browser.test_ward import ready
from tests.web.scene import Scene
from ward.finding import Severity

pytestmark = pytest.mark.engines
# Keeps the audio contexts of a page, its ramps of loudness, and when its last pulse is due.
SPY = """
window.contexts = [];
window.ramps = [];
window.lastPulse = 0;
const Native = window.AudioContext;
window.AudioContext = class extends Native { constructor() { super(); window.contexts.push(this); } };
const ramp = AudioParam.prototype.linearRampToValueAtTime;
AudioParam.prototype.linearRampToValueAtTime = function (value, at) {
    window.lastPulse = at;
    window.ramps.push({ to: value, at });
    return ramp.call(this, value, at);
};
"""
PAUSED = re.compile(r"^Sound paused (120|1[01]\d|\d\d) s$")
# The pulses that a script of the page schedules at once, as its times of beginning and lengths in seconds.
PULSES = """(script) => {
    const before = ramps.length;
    script();
    const found = ramps.slice(before);
    const pulse = ({ at }, i) => ({ at: at - found[0].at, length: found[i + 1].at - at + 0.01 });
    return found.flatMap((ramp, i) => ramp.to > 0 ? [pulse(ramp, i)] : []);
}"""


@pytest.fixture(scope="module")
def ward(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    scene = Scene(tmp_path_factory.mktemp("sound"))
    scene.alert("icu-03")
    with Stage(scene, lambda: scene.healthy("icu-03")) as stage:
        yield stage
    scene.close()


@pytest.fixture
def sounding(browser: Browser, ward: Stage) -> Iterator[Page]:
    """A page whose sound was turned on by a person."""
    context = browser.new_context(base_url=ward.url)
    context.add_init_script(SPY)
    page = context.new_page()
    ready(page)
    expect(page.locator("#sound")).to_have_text("Sound off")
    page.locator("#sound").click()
    page.locator("#sound-on").click()
    expect(page.locator("#sound")).to_have_text("Sound on", timeout=SOON)
    yield page
    context.close()


def module(page: Page, name: str, expression: str, argument: Any = None) -> Any:
    """An expression with a module of the page as `m`."""
    return page.evaluate(
        f"async (x) => {{ const m = await import('/static/js/{name}.js'); return {expression}; }}", argument
    )


@pytest.mark.parametrize(
    ("priority", "pulses", "length", "spacing", "pause"),
    [("high", 10, (0.075, 0.2), (0.05, 0.125), (2.5, 15)), ("medium", 3, (0.125, 0.25), (0.125, 0.25), (2.5, 30)),
     ("low", 2, (0.125, 0.25), (0.125, 0.25), (15.01, 60))],
)  # fmt: skip
def test_bursts_have_the_pulses_of_their_priority(
    sounding: Page, priority: str, pulses: int, length: tuple[float, float], spacing: tuple[float, float],
    pause: tuple[float, float],
) -> None:  # fmt: skip
    """The figures that IEC 60601-1-8 is cited with: a design target, no claim of compliance."""
    burst = module(sounding, "pulses", "m.burst(x)", priority)
    found = burst["pulses"]
    gaps = [b["at"] - a["at"] - a["length"] for a, b in pairwise(found)]
    assert len(found) == pulses
    assert all(length[0] <= pulse["length"] <= length[1] for pulse in found)
    if priority == "high":
        middle = gaps.pop(4)
        assert 0.35 <= middle <= 1.3
    assert all(spacing[0] - 1e-9 <= gap <= spacing[1] + 1e-9 for gap in gaps)
    assert pause[0] <= burst["every"] - found[-1]["at"] - found[-1]["length"] <= pause[1]
    assert 150 <= burst["tone"] <= 1000
    harmonics = module(sounding, "pulses", "m.HARMONICS.length")
    assert sum(300 <= burst["tone"] * n <= 4000 for n in range(1, harmonics + 1)) >= 4


def test_the_highest_priority_sounds_that_is_neither_acknowledged_nor_muted(sounding: Page) -> None:
    def alert(severity: str, **more: Any) -> dict[str, Any]:
        return {"severity": severity, "ack": None, "silenced_by": [], "inhibited_by": [], **more}

    def loudest(*alerts: dict[str, Any]) -> Any:
        return module(sounding, "pulses", "m.loudest(x)", list(alerts))

    assert loudest() is None
    assert loudest(alert("low"), alert("high"), alert("medium")) == "high"
    assert loudest(alert("low"), alert("high", ack={"by": "Ada"})) == "low"
    assert loudest(alert("medium", silenced_by=["s"]), alert("high", inhibited_by=["a"])) is None
    assert loudest(alert("high", latched="recovered")) == "high", "until somebody has acknowledged it"


@pytest.mark.guarantee("The ward page is never silent without a sign: off, paused, not working or in another tab.")
def test_each_way_of_being_silent_has_its_sign(sounding: Page) -> None:
    normal = {"on": True, "working": True, "paused": 0, "elsewhere": False, "here": True}
    signs = {
        name: module(sounding, "sound_state", "m.soundState(x)", {**normal, **changed})["text"]
        for name, changed in (
            ("normal", {}), ("off", {"on": False}), ("broken", {"working": False}), ("paused", {"paused": 12.2}),
            ("elsewhere", {"elsewhere": True}), ("other page", {"here": False}),
            ("broken and paused", {"working": False, "paused": 12}),
            ("elsewhere and paused", {"elsewhere": True, "paused": 12}),
        )
    }  # fmt: skip
    assert signs == {
        "normal": "Sound on", "off": "Sound off", "broken": "SOUND NOT WORKING", "paused": "Sound paused 13 s",
        "elsewhere": "Sound in another tab", "other page": "No sound on this page",
        "broken and paused": "SOUND NOT WORKING", "elsewhere and paused": "Sound paused 12 s",
    }  # fmt: skip


def test_a_suspended_audio_is_shown_and_a_key_starts_it_again(sounding: Page) -> None:
    sounding.evaluate("contexts[0].suspend()")
    expect(sounding.locator("#sound")).to_have_text("SOUND NOT WORKING", timeout=SOON)
    expect(sounding.locator("#sound-problem")).to_be_visible()
    sounding.keyboard.press("Shift")
    expect(sounding.locator("#sound")).to_have_text("Sound on", timeout=SOON)
    expect(sounding.locator("#sound-problem")).to_be_hidden()


def test_a_stopped_audio_clock_is_shown(sounding: Page) -> None:
    """As when the loudspeaker is gone, and the browser still says that it plays."""
    sounding.evaluate("Object.defineProperty(contexts[0], 'currentTime', { value: 1 })")
    expect(sounding.locator("#sound")).to_have_text("SOUND NOT WORKING", timeout=SOON)


def test_a_lost_loudspeaker_is_shown(sounding: Page) -> None:
    change = """kinds => {
        navigator.mediaDevices.enumerateDevices = async () => kinds.map(kind => ({ kind }));
        navigator.mediaDevices.dispatchEvent(new Event("devicechange"));
    }"""
    sounding.evaluate(change, ["audiooutput"])
    expect(sounding.locator("#sound")).to_have_text("Sound on", timeout=SOON)
    sounding.evaluate(change, ["videoinput"])
    expect(sounding.locator("#sound")).to_have_text("SOUND NOT WORKING", timeout=SOON)


def test_a_pause_is_shown_and_ends_with_a_new_high_alert(sounding: Page, ward: Stage) -> None:
    sounding.locator("#sound-pause").click()
    expect(sounding.locator("#sound")).to_have_text(PAUSED, timeout=SOON)
    ward.scene.alert("icu-04")
    expect(sounding.locator("#sound")).to_have_text("Sound on", timeout=SOON)


def test_a_pause_ends_with_an_alert_that_becomes_high_and_a_screen_reader_reads_it(sounding: Page, ward: Stage) -> None:
    medium = ward.scene.alert("icu-06", severity=Severity.MEDIUM)
    expect(sounding.locator("#tile-icu-06 .priority-text")).to_have_text("MEDIUM", timeout=SOON)
    sounding.locator("#sound-pause").click()
    expect(sounding.locator("#sound")).to_have_text(PAUSED, timeout=SOON)
    sounding.evaluate("document.getElementById('announced').textContent = ''")
    ward.scene.send(replace(medium, severity=Severity.HIGH))
    expect(sounding.locator("#sound")).to_have_text("Sound on", timeout=SOON)
    expect(sounding.locator("#announced")).to_contain_text("high: ICU bed 6: SpO2", timeout=SOON)


def test_a_pause_ends_by_itself_after_two_minutes(sounding: Page) -> None:
    sounding.locator("#sound-pause").click()
    expect(sounding.locator("#sound")).to_have_text(PAUSED, timeout=SOON)
    sounding.evaluate(
        "() => { const now = performance.now.bind(performance); performance.now = () => now() + 120_500; }"
    )
    expect(sounding.locator("#sound")).to_have_text("Sound on", timeout=SOON)


def test_the_tone_of_a_frozen_screen_is_scheduled_before_it_freezes(sounding: Page, ward: Stage) -> None:
    """In the audio clock: it sounds for two minutes, ten seconds after the last update, even if no script runs."""
    ahead = "() => lastPulse - contexts[0].currentTime"
    for _ in range(80):
        if sounding.evaluate(ahead) > 120:
            break
        sounding.wait_for_timeout(100)
    else:
        pytest.fail("no tone is scheduled")
    ward.following = False
    sounding.wait_for_selector("#frozen", state="visible", timeout=14_000)
    assert sounding.evaluate(ahead) > 100
    ward.following = True


def test_other_pages_say_that_they_do_not_sound(sounding: Page) -> None:
    ready(sounding, "/alerts")
    expect(sounding.locator("#sound")).to_have_text("No sound on this page", timeout=SOON)
    ready(sounding, "/")
    expect(sounding.locator("#sound")).to_have_text(re.compile("Sound on|SOUND NOT WORKING"), timeout=SOON)


def test_of_two_tabs_one_sounds_and_the_other_takes_over(sounding: Page) -> None:
    tab = {"id": "b", "ward": "", "hidden": False, "working": True, "at": 1000}

    def sounds(now: float, *others: dict[str, Any]) -> bool:
        found: bool = module(sounding, "sound_state", "m.soundsHere(x[0], x[1], x[2])", [tab, list(others), now])
        return found

    assert sounds(1500)
    assert not sounds(1500, {**tab, "id": "a"})
    assert sounds(4000, {**tab, "id": "a"}), "the other tab has not been heard of for 3 s"
    assert sounds(1500, {**tab, "id": "a", "working": False})
    assert sounds(1500, {**tab, "id": "a", "hidden": True})
    assert sounds(1500, {**tab, "id": "a", "ward": "icu"}), "it shows other beds"
    second = sounding.context.new_page()
    ready(second)
    second.mouse.click(5, 500)
    signs = re.compile("Sound on|Sound in another tab")
    for page in (sounding, second):
        expect(page.locator("#sound")).to_have_text(signs, timeout=SOON)
    one_sounds = ["Sound in another tab", "Sound on"]
    for _ in range(SOON // 100):
        if found := sorted(page.locator("#sound").inner_text() for page in (sounding, second)) == one_sounds:
            break
        second.wait_for_timeout(100)
    assert found


def test_a_pause_is_of_all_tabs_of_a_ward_and_each_shows_and_ends_it(sounding: Page) -> None:
    second = sounding.context.new_page()
    ready(second)
    second.mouse.click(5, 500)
    tabs = [sounding, second]
    signs = re.compile("Sound on|Sound in another tab")
    for page in tabs:
        expect(page.locator("#sound")).to_have_text(signs, timeout=SOON)
    second.keyboard.press("p")
    for page in tabs:
        expect(page.locator("#sound")).to_have_text(PAUSED, timeout=SOON)
    third = sounding.context.new_page()
    ready(third)
    third.mouse.click(5, 500)
    expect(third.locator("#sound")).to_have_text(PAUSED, timeout=SOON)
    third.keyboard.press("p")
    for page in (*tabs, third):
        expect(page.locator("#sound")).to_have_text(signs, timeout=SOON)


def test_an_old_message_of_another_tab_makes_no_pause_longer(sounding: Page) -> None:
    own = {"ward": "", "changes": 2}

    def until(**tab: Any) -> Any:
        message = {"ward": "", "changes": 2, "paused": 0, **tab}
        return module(sounding, "sound_state", "m.sharedPause(x[0], x[1], x[2], x[3])", [own, 60_000, message, 1000])

    assert until(changes=3, paused=90_000) == 91_000
    assert until(changes=3, paused=500_000) == 121_000, "no pause is longer than the longest"
    assert until(changes=3) == 1000, "it was ended there"
    assert until(paused=90_000) == 60_000
    assert until(paused=20_000) == 21_000
    assert until(changes=1) == 60_000
    assert until(changes=3, ward="icu") == 60_000


def test_a_message_of_a_tab_with_an_older_page_stops_no_pause_from_being_shared(sounding: Page) -> None:
    post = "tab => new BroadcastChannel('wardwatch-sound').postMessage({ id: 'z', ward: '', working: false, ...tab })"
    sounding.evaluate(post, {})  # it counts no changes
    sounding.evaluate(post, {"changes": 1000, "paused": 60_000})
    expect(sounding.locator("#sound")).to_have_text(PAUSED, timeout=SOON)


@pytest.mark.parametrize("sound", ["on", "off"])
@pytest.mark.parametrize(("priority", "pulses"), [("high", 10), ("medium", 3), ("low", 2)])
def test_the_test_button_plays_one_burst_of_the_chosen_priority(
    sounding: Page, sound: str, priority: str, pulses: int
) -> None:
    sounding.locator(f"#sound-{sound}").click()
    sounding.locator("#sound-test").select_option(priority)
    click = "document.getElementById('sound-play').click()"
    found = sounding.evaluate(f"() => ({PULSES})(() => {click})")
    wanted = module(sounding, "pulses", "m.burst(x)", priority)["pulses"]
    assert len(found) == len(wanted) == pulses
    for key in ("at", "length"):
        assert [pulse[key] for pulse in found] == pytest.approx([pulse[key] for pulse in wanted], abs=0.001)
    expect(sounding.locator("#sound")).to_have_text(f"Sound {sound}")


def test_the_test_button_sounds_on_a_screen_whose_sound_was_never_turned_on(browser: Browser, ward: Stage) -> None:
    context = browser.new_context(base_url=ward.url)
    context.add_init_script(SPY)
    page = context.new_page()
    ready(page)
    page.locator("#sound").click()
    page.locator("#sound-play").click()
    assert page.evaluate("ramps.filter(({ to }) => to > 0).length") == 10
    for _ in range(80):
        if page.evaluate("contexts[0].currentTime > lastPulse"):
            break
        page.wait_for_timeout(100)
    else:
        pytest.fail("the audio does not run")
    assert page.evaluate("ramps.filter(({ to }) => to > 0).length") == 10, "alerts do not sound"
    expect(page.locator("#sound")).to_have_text("Sound off")
    context.close()
    other = browser.new_page(base_url=ward.url)
    ready(other, "/alerts")
    other.locator("#sound").click()
    expect(other.locator("#sound-play")).to_be_disabled()
    other.close()
