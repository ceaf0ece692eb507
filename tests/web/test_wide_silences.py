"""A silence of all patients of a ward is short or confirmed, and every screen shows what it mutes."""

from typing import Any

import pytest
from msgspec.structs import replace

from tests.kit.guarantees import Figure
from tests.web.scene import Scene
from tests.web.test_alertmanager_input import body
from tests.web.test_api_and_alerts import Joined, joined
from ward.finding import Kind, Severity

__all__ = ["joined"]

DAY = 24 * 60


def matcher(name: str, value: str, *, regex: bool = False, equal: bool = True) -> dict[str, Any]:
    return {"name": name, "value": value, "isRegex": regex, "isEqual": equal}


ALL = {
    "every name": [matcher("alertname", ".+", regex=True)],
    "every severity": [matcher("severity", "low|medium|high", regex=True)],
    "critical": [matcher("severity", "critical")],
    "not none": [matcher("alertname", "none|", regex=True, equal=False)],
    "patients": [matcher("kind", "physiological"), matcher("bed", "", equal=False)],
    "beds": [matcher("bed", "[a-z]+-[[:digit:]]+", regex=True)],
}


@pytest.mark.guarantee(
    "A silence of a whole ward is refused beyond a quarter of an hour, unless its comment confirms it."
)
@pytest.mark.parametrize("matchers", ALL.values(), ids=ALL)
def test_a_silence_of_every_patient_is_short_or_confirmed(scene: Scene, matchers: list[dict[str, Any]]) -> None:
    def post(minutes: float, comment: str = "drill") -> Any:
        posted = body(scene, minutes, matchers=matchers, comment=comment)
        return scene.http.post("/api/v2/silences", json=posted)

    assert post(15).status_code == 200
    refused = post(16)
    assert refused.status_code == 409
    wanted = refused.json().partition("write '")[2].partition("'")[0]
    assert wanted == f"mutes {', '.join(sorted(scene.live.config.inventory.wards))}"
    assert post(12 * 60, f"drill, {wanted}").status_code == 200
    assert post(13 * 60, f"drill, {wanted}").status_code == 409
    assert post(60, "drill, mutes icu").status_code == 409  # not all of them


def test_a_silence_of_one_ward_names_that_ward(scene: Scene) -> None:
    posted = body(scene, 60, matchers=[matcher("ward", "icu")])
    assert "'mutes icu'" in scene.http.post("/api/v2/silences", json=posted).json()
    confirmed = {**posted, "comment": "mutes icu"}
    assert scene.http.post("/api/v2/silences", json=confirmed).status_code == 200


@pytest.mark.parametrize(
    "matchers",
    [
        [matcher("bed", "icu-03")],
        [matcher("alertname", "tachycardia")],
        [matcher("kind", "technical")],
        [matcher("severity", "low|medium", regex=True)],
        [matcher("ward", "icu"), matcher("metric", "spo2")],
        [matcher("bed", "icu-03", equal=False), matcher("ward", "icu")],
    ],
)
def test_a_silence_of_less_than_a_ward_needs_no_confirmation(scene: Scene, matchers: list[dict[str, Any]]) -> None:
    assert scene.http.post("/api/v2/silences", json=body(scene, 30 * DAY, matchers=matchers)).status_code == 200


def test_a_silence_that_never_ends_is_refused(scene: Scene) -> None:
    posted = body(scene, endsAt="9999-12-31T23:59:59Z")
    assert "within a year" in scene.http.post("/api/v2/silences", json=posted).json()


@pytest.mark.guarantee(
    "Every screen shows each silence that mutes a HIGH alert about a patient: by whom and until when."
)
def test_a_silence_that_mutes_a_high_alert_about_a_patient_is_a_banner(joined: Joined, figure: Figure) -> None:
    joined.finds(Severity.HIGH)
    joined.tick()
    assert muting(joined.scene) == []
    posted = body(joined.scene, 10, matchers=ALL["every name"], createdBy="Bo", comment="<b>drill</b>")
    id_ = joined.http.post("/api/v2/silences", json=posted).json()["silenceID"]
    joined.tick()
    (banner,) = muting(joined.scene)
    assert (banner["level"], banner["text"]) == (
        "bad", "1 HIGH priority alert about a patient is silenced by Bo until 2025-11-24 16:10:01 UTC: <b>drill</b>",
    )  # fmt: skip
    figure(banner["text"])
    joined.http.delete(f"/api/v2/silence/{id_}")
    joined.tick()
    assert muting(joined.scene) == []


def test_a_silence_of_one_alert_is_a_warning_and_one_of_equipment_is_none(scene: Scene) -> None:
    fever = scene.alert("hdu-03", severity=Severity.HIGH)
    pump = scene.alert("hdu-04", kind=Kind.TECHNICAL)
    for alert in (fever, pump):
        scene.send(replace(alert, silenced_by=(scene.silenced(alert).id,)))
    scene.tick()
    (banner,) = muting(scene)
    assert (banner["level"], banner["text"].partition(" until")[0]) == (
        "warn", "1 HIGH priority alert about a patient is silenced by Nurse Ada",
    )  # fmt: skip


def test_five_silences_are_banners_and_the_others_a_number(scene: Scene) -> None:
    for n in range(1, 9):
        alert = scene.alert(f"icu-{n:02}")
        scene.send(replace(alert, silenced_by=(scene.silenced(alert).id,)))
    scene.tick()
    assert len(muting(scene)) == 5
    texts = [banner["text"] for banner in scene.http.json("/api/v1/status")["banners"]]
    assert "3 more silences mute HIGH priority alerts about patients" in texts


def muting(scene: Scene) -> list[dict[str, Any]]:
    return [b for b in scene.http.json("/api/v1/status")["banners"] if "silenced by" in b["text"]]


@pytest.mark.guarantee("A silence that matches nothing that exists is set with a warning, not silently.")
def test_a_silence_of_a_bed_that_does_not_exist_has_a_warning(joined: Joined) -> None:
    scene = joined.scene
    posted = body(scene, 10, matchers=[matcher("bed", "icu-99")])

    answered = scene.http.post("/api/v2/silences", json=posted)
    joined.tick()

    assert answered.status_code == 200
    (warning,) = answered.json()["warnings"]
    assert warning.startswith("bed=\"icu-99\": there is no bed 'icu-99'")
    assert warning.endswith(": this silence mutes no alert")
    (listed,) = scene.http.json("/api/v1/silences")["silences"]
    assert listed["warnings"] == [warning]


@pytest.mark.parametrize(
    "matchers",
    [
        [matcher("severity", "hihg")],
        [matcher("bedd", "icu-1")],
        [matcher("ward", "icu"), matcher("bed", "icu-99|icu-98", regex=True)],
    ],
    ids=["severity", "label", "pattern"],
)
def test_a_silence_of_nothing_has_a_warning(scene: Scene, matchers: list[dict[str, Any]]) -> None:
    answered = scene.http.post("/api/v2/silences", json=body(scene, 10, matchers=matchers))

    assert len(answered.json()["warnings"]) == 1


def test_a_silence_of_what_exists_has_no_warning(scene: Scene) -> None:
    answered = scene.http.post("/api/v2/silences", json=body(scene, 10, matchers=[matcher("ward", "icu")]))

    assert answered.json().keys() == {"silenceID"}
