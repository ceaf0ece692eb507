"""Many places in a short text."""

import pytest

from alerts.text.places import place, places
from tests.kit.alert_timeline import ward_config
from ward.alert import Alert
from ward.finding import Kind, Severity


@pytest.mark.parametrize(
    ("names", "text"),
    [
        (["ICU bed 10", "ICU bed 2", "ICU bed 2", "ICU bed 1"], "ICU beds 1, 2, 10"),
        (["ICU bed 7"], "ICU bed 7"),
        ([f"ICU bed {n}" for n in range(22, 0, -1)], "ICU beds 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 and 12 more"),
        (["HDU bed 1", "ICU bed 2", "ICU bed 1", "x-10", "x-9"], "HDU bed 1, ICU beds 1, 2, x-9, x-10"),
        (["bridge", "web"], "bridge, web"),
        (["Bett 2", "²", "Bett 10"], "Bett 2, Bett 10, ²"),
    ],
)
def test_each_place_is_named_once_and_ten_at_most(names: list[str], text: str) -> None:
    assert places(names) == text


@pytest.mark.parametrize(
    ("labels", "name"),
    [
        ({"bed": "icu-7", "device_id": "mon-icu-7"}, "ICU bed 7"),
        ({"bed": "nowhere"}, "nowhere"),
        ({"device_id": "x9", "program": "web"}, "x9"),
        ({"program": "web"}, "web"),
        ({"channel": "mail"}, "mail"),
        ({}, ""),
    ],
)
def test_a_place_has_the_label_of_its_bed(labels: dict[str, str], name: str) -> None:
    alert = Alert(
        id="1", labels=labels, annotations={}, severity=Severity.LOW, kind=Kind.TECHNICAL, starts_at=0, updated_at=0
    )
    assert place(alert, ward_config().inventory) == name
