"""One bed, or one device that is assigned to no place, at one instant."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ward.alert import Alert
from ward.alert_order import by_priority
from ward.bed_subject import bed_subject
from ward.clock import Micros
from ward.config.rule import Rule
from ward.finding import Kind, Severity
from ward.ids import printable
from ward.inventory import Place
from web.board.priority import BedPriority, DataState, priority_of
from web.board.signal_values import SignalValue, signal_values
from web.model.bed_scores import ShownScore
from web.model.config_view import ConfigView
from web.model.detector_lag import Evaluated
from web.model.latest_values import DeviceState
from web.model.now import Now
from web.model.read_model import ReadModel

# Signals about the device itself, not about its patient or its surroundings.
_DEVICE_SIGNALS = frozenset({"online", "battery", "lost_readings", "duplicate_readings", "late_readings", "reboots",
                             "clock_skew", "readings_ahead", "source_changes", "connections"})  # fmt: skip


@dataclass(frozen=True, slots=True)
class LostSignal:
    """An expected signal without a live value; `since` is the instant of its last value, None where there is none."""

    signal: str
    label: str
    since: Micros | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """A bed, or an unassigned device. `priority` sorts it; `data` says whether its signals arrive.

    `data_since` is the instant of the last value where data are missing; `severity` that of the alert that gives the
    priority. `alerts` are the active ones by priority. `evaluated` says whether the detectors evaluate what its devices
    send now: where they do not, an alert may be missing, or over. `scores` are those of the patient, `unknown_scores`
    the rules whose score is not known at all.
    """

    id: str
    label: str
    ward: str
    priority: BedPriority
    severity: Severity | None
    data: DataState
    data_since: Micros | None
    lost: tuple[LostSignal, ...]
    devices: tuple[str, ...]
    values: tuple[SignalValue, ...]
    alerts: tuple[Alert, ...]
    evaluated: Evaluated
    patient: str = ""
    patient_since: Micros | None = None
    scores: tuple[ShownScore, ...] = ()
    unknown_scores: tuple[Rule, ...] = ()


def bed_tile(model: ReadModel, bed: str, alerts: Sequence[Alert], now: Now) -> Tile:
    """A bed with the newest value of every signal of its devices."""
    view = model.config_view
    known = view.inventory.beds[bed]
    placed = list(view.places.devices(bed, now.wall))
    newest: dict[str, SignalValue] = {}
    for device, since in placed:
        for value in signal_values(view, device.id, model.values.get(device.id), since, now):
            other = newest.get(value.signal)
            if other is None or _newer(value, other):
                newest[value.signal] = value
    values = sorted(newest.values(), key=lambda value: view.order(value.signal))
    data, data_since, lost = _data_state(view, values, bool(placed))
    evaluated = model.detector_lag.of((device.id for device, _ in placed), now)
    priority, severity = priority_of(alerts, data, evaluated=evaluated.current)
    stay = view.places.stay(bed, now.wall)
    place = Place(ward=known.ward, bed=bed, patient=stay.patient if stay else "")
    scores = model.scores.of(bed, place.patient, view.rules, now)
    return Tile(
        id=known.id, label=known.label, ward=known.ward, priority=priority, severity=severity, data=data,
        data_since=data_since, lost=lost, devices=tuple(device.id for device, _ in placed), values=tuple(values),
        alerts=tuple(by_priority(alerts, view.catalogue)), evaluated=evaluated, patient=place.patient,
        patient_since=stay.span.since if stay else None, scores=tuple(scores),
        unknown_scores=tuple(_unknown(view, place, scores)) if stay or placed else (),
    )  # fmt: skip


def unassigned_tile(model: ReadModel, state: DeviceState, alerts: Sequence[Alert], now: Now) -> Tile:
    """A device that the inventory assigns to no place, with every signal that it sends."""
    view = model.config_view
    values = tuple(signal_values(view, state.device, state, 0, now))
    data, data_since, lost = _data_state(view, values, True)
    evaluated = model.detector_lag.of([state.device], now)
    priority, severity = priority_of(alerts, data, evaluated=evaluated.current)
    return Tile(
        id=state.device, label=printable(state.device, 64), ward=state.ward, priority=priority, severity=severity,
        data=data, data_since=data_since, lost=lost, devices=(state.device,), values=values,
        alerts=tuple(by_priority(alerts, view.catalogue)), evaluated=evaluated,
    )  # fmt: skip


def sort_key(view: ConfigView, tile: Tile) -> tuple[int, int, bool, bool, int, int, str]:
    """By priority, then patients before equipment, what holds now before what has ended unacknowledged, and the gravest
    sign; beds that are equal in these in the order of the inventory, so that tiles rarely change places."""
    severity = -1 if tile.severity is None else tile.severity.rank
    first, order = next(iter(tile.alerts), None), view.places.order
    technical = first is not None and first.kind is Kind.TECHNICAL
    gravity = view.catalogue.gravity(first.labels.get("metric", "")) if first else 0
    over = first is not None and first.is_over
    return tile.priority.rank, -severity, technical, over, gravity, order.get(tile.id, len(order)), tile.id


def _unknown(view: ConfigView, place: Place, scores: Sequence[ShownScore]) -> Iterator[Rule]:
    """The rules that give this patient a score, and have not yet."""
    known = {shown.score.rule for shown in scores}
    subject = bed_subject(place)
    return (rule for rule in view.score_rules if rule.name not in known and rule.where.matches(subject, place))


def _newer(one: SignalValue, other: SignalValue) -> bool:
    return one.age is not None and (other.age is None or one.age < other.age)


def _data_state(
    view: ConfigView, values: Sequence[SignalValue], monitored: bool
) -> tuple[DataState, Micros | None, tuple[LostSignal, ...]]:
    """Whether the vital signs arrive; of a device without any, whether the signals not about the device itself do."""
    if not monitored:
        return "unmonitored", None, ()
    relevant = [v for v in values if v.signal in view.vitals]
    relevant = relevant or [v for v in values if v.signal not in _DEVICE_SIGNALS]
    missing = [v for v in relevant if v.state != "live"]
    if relevant and not missing:
        return "live", None, ()
    since = max((v.at for v in missing if v.at is not None), default=None)
    lost = tuple(LostSignal(v.signal, view.signal(v.signal).label, v.at) for v in missing)
    return ("lost" if len(missing) < len(relevant) else "none"), since, lost
