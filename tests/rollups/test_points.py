"""Minutes combined to hours."""

from rollups.points import combine_to_hours
from ward.ports import Row


def test_the_largest_floats_do_not_overflow_and_a_mean_lies_between_minimum_and_maximum() -> None:
    huge, odd = 1.7e308, 0.1
    minutes = [
        Row(n * 60_000_000, {"device": "d"}, {
            "flow": flow, "flow_min": flow, "flow_max": flow, "flow_count": 24.0, "flow_last": flow,
            "spo2": odd, "spo2_min": odd, "spo2_max": odd, "spo2_count": 7.0, "spo2_last": odd,
        })
        for n, flow in enumerate((huge, huge, -huge, huge))
    ]  # fmt: skip
    (hour,) = combine_to_hours("vitals", minutes)
    assert (hour.fields["flow"].low, hour.fields["flow"].mean, hour.fields["flow"].high) == (-huge, huge / 2, huge)
    assert (hour.fields["spo2"].mean, hour.fields["spo2"].count) == (odd, 28)
