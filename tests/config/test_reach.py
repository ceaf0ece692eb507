"""Random overrides and inventories: a config that loads has a valid rule for each device at any time."""

import tempfile
from pathlib import Path

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.config.config_reader import DETECTORS, NOW, VALID, LimitsParams, copied, faults_of, loaded
from tests.kit.examples import examples
from ward.clock import SECOND, format_instant
from ward.config.checks.place_index import PlaceIndex
from ward.config.reloader import without_expired_overrides
from ward.config.rule import Match, Override, Rule
from ward.config.yaml.libyaml import parse_yaml
from ward.finding import Kind
from ward.inventory import Place

DAY = 86400 * SECOND
INVENTORY = loaded(VALID).inventory

WHERE = st.fixed_dictionaries(
    {},
    optional={
        "ward": st.sampled_from(["icu", "imaging"]),
        "device_kind": st.sampled_from(["monitor", "logger", "unknown"]),
        "bed": st.sampled_from(["icu-01", "icu-02"]),
        "device": st.sampled_from(["mon-1", "mon-2", "log-1"]),
        "patient": st.sampled_from(["P-1", "P-2"]),
    },
)
LIMIT = st.one_of(st.none(), st.integers(25, 160))
SIDE = st.fixed_dictionaries({}, optional={"low": LIMIT, "medium": LIMIT, "high": LIMIT})
OVERRIDE = st.fixed_dictionaries(
    {"where": WHERE, "why": st.just("w"), "by": st.just("b"),
     "set": st.fixed_dictionaries({"heart_rate": st.fixed_dictionaries({}, optional={"above": SIDE, "below": SIDE})})},
    optional={"until": st.sampled_from([format_instant(NOW + i * DAY) for i in (1, 2)])},
)  # fmt: skip


@settings(max_examples=examples(26, 160), deadline=None)
@given(st.lists(OVERRIDE, max_size=4))
def test_a_loaded_config_has_a_rule_for_each_device_now_and_after_overrides_end(overrides: list[object]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        directory = copied(VALID, Path(folder))
        data = parse_yaml((directory / "thresholds.yaml").read_text(encoding="utf-8"))
        data["overrides"] = overrides
        (directory / "thresholds.yaml").write_text(yaml.safe_dump(data), encoding="utf-8")
        if faults_of(directory):
            return
        config = loaded(directory)
    wards = ("icu", "imaging", "elsewhere")
    places = [(d, config.inventory.place(d, NOW)) for d in config.inventory.devices]
    places += [("x", Place(ward=ward, device_kind=kind)) for ward in wards for kind in ("monitor", "logger", "unknown")]
    for later in (0, 1, 2):
        config = without_expired_overrides(config, NOW + later * DAY)
        for device, place in places:
            sides = {}
            for rule in config.rules:
                resolved = rule.resolve(device, place)
                if resolved is not None and isinstance(resolved.params, LimitsParams):
                    p = resolved.params
                    given_limits = [v for v in (p.low, p.medium, p.high) if v is not None]
                    assert given_limits == sorted(set(given_limits), reverse=p.side == "low")
                    sides[rule.name] = given_limits
            assert min(sides["tachycardia"]) > max(sides["bradycardia"])
            assert min(sides["bradycardia"]) >= 30


@settings(max_examples=examples(66, 400), deadline=None)
@given(st.lists(WHERE, max_size=5))
def test_the_groups_are_exactly_the_combinations_that_occur(wheres: list[dict[str, str]]) -> None:
    places = PlaceIndex(INVENTORY)
    overrides = [Override(where=Match.model_validate(where), set={}) for where in wheres]

    grouped = {numbers for numbers, _ in places.groups(places.everywhere, overrides)}

    assert grouped == {
        tuple(i for i, o in enumerate(overrides) if o.where.matches(device, place)) for device, place in places.all
    }


def test_the_most_specific_override_decides_and_of_two_equal_ones_the_later() -> None:
    def override(medium: int, **where: str) -> Override:
        return Override(where=Match.model_validate(where), set={"medium": medium}, why=str(medium))

    rule = Rule(
        "fast", "limits", ("heart_rate",), Kind.PHYSIOLOGICAL, DETECTORS["limits"], {"side": "high", "medium": 1},
        overrides=(override(6, patient="P-1"), override(2, ward="icu"), override(3, ward="icu"), override(4, bed="b")),
    )  # fmt: skip

    def medium(place: Place) -> tuple[object, str]:
        resolved = rule.resolve("d", place)
        assert resolved is not None
        return resolved.params.model_dump()["medium"], resolved.why

    assert medium(Place(ward="med")) == (1.0, "")
    assert medium(Place(ward="icu")) == (3.0, "3")
    assert medium(Place(ward="icu", bed="b")) == (4.0, "4")
    assert medium(Place(ward="icu", bed="b", patient="P-1")) == (6.0, "6")
