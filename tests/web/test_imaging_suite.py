"""The imaging suite's sums, put together from what several workers say."""

import pytest

from ward.wire import DetectorCurve
from web.model.imaging import ImagingSuite, is_part


def part(device: str, number: str, total: float, count: float, names: str, at: int = 1) -> DetectorCurve:
    fields: dict[str, float | str] = {"sum": total, "count": count, "sensors": 1.0, "names": names}
    return DetectorCurve(name="imaging", at=at, tags={"imaging_device": device, "part": number}, fields=fields)


def test_the_four_analyses_add_up_and_the_newest_word_of_each_part_counts() -> None:
    suite = ImagingSuite.merge(
        [
            part("CT-1", "0", 500, 10, "b,a"), part("MRI-1", "1", 240, 4, "c", at=3), part("MRI-1", "0", 700, 10, "d"),
            part("MRI-1", "1", 100, 2, "c", at=2),
        ]
    )  # fmt: skip
    assert [(d.name, round(d.humidity, 2), d.messages, d.sensors) for d in suite.devices] == [
        ("MRI-1", 67.14, 14, ("c", "d")), ("CT-1", 50.0, 10, ("a", "b")),
    ]  # fmt: skip
    assert (suite.messages, suite.sensors) == (24, 4)


def test_a_device_without_a_message_comes_last_wherever_it_stood() -> None:
    for order in ([0, 1, 2], [1, 0, 2], [2, 1, 0]):
        parts = [part("A", "0", 1, 1, "x"), part("B", "0", 0, 0, ""), part("C", "0", 3, 1, "y")]
        suite = ImagingSuite.merge(parts[i] for i in order)
        assert [d.name for d in suite.devices] == ["C", "A", "B"]


@pytest.mark.parametrize(
    ("tags", "fields"),
    [
        ({}, {"sum": 1.0, "count": 1.0, "names": "a"}),
        ({"imaging_device": "CT-1", "part": "0"}, {"sum": "x", "count": 1.0, "names": "a"}),
        ({"imaging_device": "CT-1", "part": "0"}, {"sum": 1.0, "count": float("inf"), "names": "a"}),
        ({"imaging_device": "CT-1", "part": "0"}, {"sum": 1.0, "count": 1.0}),
    ],
)
def test_what_is_not_whole_counts_for_nothing(tags: dict[str, str], fields: dict[str, float | str]) -> None:
    score = DetectorCurve(name="imaging", at=1, tags=tags, fields=fields)
    assert not is_part(score)
    assert ImagingSuite.merge([score, part("CT-1", "0", 5, 1, "a")]).messages == 1
