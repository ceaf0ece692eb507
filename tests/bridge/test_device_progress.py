"""New readings, repeats, gaps, reboots and acknowledgements, by boot and sequence number."""

from bridge.decoded_reading import DecodedReading
from bridge.device_progress import MOST_BOOTS, Arrival, DeviceProgress
from ward.clock import SECOND, Micros

GAP_TIMEOUT = 30.0


def apply(progress: DeviceProgress, boot: str, seq: int, now: Micros = 0) -> Arrival:
    return progress.apply_number(boot, seq, now, GAP_TIMEOUT)


def test_a_number_is_new_once() -> None:
    progress = DeviceProgress()
    arrivals = [apply(progress, "a", seq) for seq in (5, 6, 5, 7, 6)]
    assert [arrival.new for arrival in arrivals] == [True, True, False, True, False]
    assert arrivals[-1].duplicates == 2


def test_numbers_are_acknowledged_up_to_the_first_that_is_missing() -> None:
    progress = DeviceProgress()
    for seq in (1, 2, 4, 5):
        apply(progress, "a", seq)
    assert progress.contiguous_up_to("a") == 2
    apply(progress, "a", 3)
    assert progress.contiguous_up_to("a") == 5


def test_a_gap_is_given_up_after_patience_and_counted_once() -> None:
    progress = DeviceProgress()
    for seq in (1, 2, 6):
        apply(progress, "a", seq)
    assert apply(progress, "a", 7, 29 * SECOND).lost == 0
    assert progress.contiguous_up_to("a") == 2
    assert apply(progress, "a", 8, 31 * SECOND).lost == 3
    assert progress.contiguous_up_to("a") == 8
    assert apply(progress, "a", 9, 99 * SECOND).lost == 3


def test_a_gap_is_given_up_when_a_repeat_arrives_as_well() -> None:
    progress = DeviceProgress()
    for seq in (1, 3):
        apply(progress, "a", seq)
    assert not apply(progress, "a", 3, 31 * SECOND).new
    assert progress.contiguous_up_to("a") == 3


def test_a_number_below_the_first_ever_received_is_new_and_moves_no_acknowledgement() -> None:
    progress = DeviceProgress()
    apply(progress, "a", 10)
    assert apply(progress, "a", 4).new
    assert progress.contiguous_up_to("a") == 10
    assert progress.boots["a"].missing() == 0


def test_an_old_boot_is_remembered_but_not_for_ever() -> None:
    progress = DeviceProgress()
    for boot in "abcde":
        apply(progress, boot, 1)
    assert len(progress.boots) == MOST_BOOTS
    assert progress.contiguous_up_to("a") is None
    assert not apply(progress, "b", 1).new


def test_each_boot_has_an_order_of_its_own() -> None:
    progress = DeviceProgress()
    assert [apply(progress, boot, seq).newer for boot, seq in (("a", 8), ("b", 1), ("a", 9), ("a", 7), ("b", 2))] == [
        True, True, True, False, True,
    ]  # fmt: skip


def test_a_reading_that_arrives_after_a_later_one_is_not_newer() -> None:
    progress = DeviceProgress()
    assert [apply(progress, "a", seq).newer for seq in (1, 5, 3, 6)] == [True, True, False, True]


def test_the_first_reading_of_a_new_boot_of_a_known_device_is_a_reboot() -> None:
    progress = DeviceProgress()
    arrivals = [apply(progress, boot, seq) for boot, seq in (("a", 1), ("a", 2), ("b", 1), ("b", 2))]
    assert [arrival.rebooted for arrival in arrivals] == [False, False, True, False]


def test_lost_readings_and_duplicates_are_counted_until_they_are_reported() -> None:
    progress = DeviceProgress()

    def arrive(lost: int = 0, repeat: bool = False) -> Arrival:
        return progress.apply(DecodedReading(device="d", ward="", values={}, lost=lost, repeat=repeat), 0, GAP_TIMEOUT)

    assert arrive(lost=2) == Arrival(new=True, newer=True, rebooted=False, lost=2, duplicates=0)
    assert arrive(repeat=True) == Arrival(new=False, newer=False, rebooted=False, lost=2, duplicates=1)
    assert arrive(lost=1) == Arrival(new=True, newer=True, rebooted=False, lost=3, duplicates=1)
    progress.reset_counts()
    assert arrive() == Arrival(new=True, newer=True, rebooted=False, lost=0, duplicates=0)
