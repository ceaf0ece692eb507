"""A hospital with shifts from 07:00 to 19:00, for tests of handovers."""

from collections.abc import Iterator
from dataclasses import replace as with_fields
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from bridge.store_points.alerts import alert_points
from tests.kit.log_records import log_messages
from tests.web.scene import Scene, hospital
from ward.action import Action
from ward.alert import Ack, Alert, State
from ward.clock import SECOND, Micros, parse_instant
from ward.config.alerting import Channel, Receiver
from ward.config.config import Config
from ward.config.reports import Handover
from ward.finding import EndReason
from ward.ports.store import Point, Series
from ward.topics import ACTIONS
from ward.wire import ACTION_WIRE

MORNING = parse_instant("2026-11-30T06:10:00Z")  # 07:10 in Berlin: ten minutes after the change of shift
CHANGE = parse_instant("2026-11-30T06:00:00Z")
HOUR = 3600 * SECOND


def config(beds: int = 20, receivers: tuple[str, ...] = ("handover",), **handover: Any) -> Config:
    """The hospital in Berlin, with a mail channel and a receiver for handovers."""
    made = hospital(beds)
    alerting = made.alerting.model_copy(
        update={
            "timezone": "Europe/Berlin",
            "channels": (Channel.model_validate({"name": "mail", "urls": ["json://127.0.0.1:9"]}),),
            "receivers": (*made.alerting.receivers, Receiver(name="handover", channels=("mail",))),
            "handover": Handover(receivers=receivers, **handover),
        }
    )
    return with_fields(made, alerting=alerting)


def scene_at(folder: Path, at: Micros, made: Config | None = None, *, at_work: bool = True, **more: Any) -> Scene:
    """A scene whose clock is at an instant; `at_work`: Wardwatch was so in the week before."""
    scene = Scene(folder, made or config(), **more)
    scene.clock.advance((at - scene.clock.now()) / SECOND)
    for hours in range(1, 8 * 24) if at_work else ():
        at_work_at(scene, at - hours * HOUR)
    scene.settle()
    return scene


def at_work_at(scene: Scene, at: Micros) -> None:
    """What `web` writes into the store while it is at work."""
    scene.own.write([Point(Series.of("overview_wards", ward=ward), at, {"beds": 8.0}) for ward in ("icu", "hdu")])


def ended(
    scene: Scene, bed: str, *, ago: float, lasted: float, by: str = "", note: str = "", log: bool = False, **more: Any
) -> Alert:  # fmt: skip
    """An alert that began `ago` seconds ago and has ended, in the store as the archive writes it; `log`: also there."""
    fields = {name: more.pop(name) for name in ("worst", "peak_severity", "peak_text", "course") if name in more}
    now, why = scene.clock.now(), more.pop("why", EndReason.RECOVERED)
    begin = now - round(ago * SECOND)
    active = scene.alert(bed, ago=ago, id_=f"{bed}-{more.get('name', '')}-{ago}", **more) if log else None
    alert = active or _alert(scene, bed, ago, more)
    end = begin + round(lasted * SECOND)
    over = replace(
        alert, state=State.ENDED, ends_at=end, ended=why, updated_at=end, notified_at=begin,
        ack=Ack(by=by, at=begin + 30 * SECOND, note=note) if by else None, **fields,
    )  # fmt: skip
    if log:
        scene.send(over)
    scene.own.write(list(alert_points(over)))
    return over


def _alert(scene: Scene, bed: str, ago: float, more: dict[str, Any]) -> Alert:
    """The alert that `scene.alert` would put into the log, without putting it there."""
    send, scene.send = scene.send, lambda alert: alert  # type: ignore[method-assign]
    try:
        return scene.alert(bed, ago=ago, id_=f"{bed}-{more.get('name', '')}-{ago}", **more)
    finally:
        scene.send = send  # type: ignore[method-assign]


def reports(scene: Scene) -> Iterator[Action]:
    """The mails that were asked for, in the log."""
    return (action for action in log_messages(scene.log, ACTIONS, ACTION_WIRE) if action.report is not None)
