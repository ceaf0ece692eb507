"""The six programs: which parts each has, and what they are made of.

broker ─▶ bridge: intake ─▶ log ─┬─▶ bridge: archive ─▶ store
                                 ├─▶ rollups ◀─▶ store
                                 ├─▶ detectors ─▶ log ─▶ alerts: pipeline ─▶ outbox ─▶ alerts: senders
                                 └─▶ web: follower ─▶ picture ─▶ web: server ◀─ recall ◀─ store
                                                        └─▶ web: wall ─▶ store
"""

import os
from collections.abc import Callable, Mapping

from app.house.household import Household
from app.house.simulated import Simulated
from ward.service import Part, Recipe
from web.desk import Mailbox

# When all of us were away, the bridge needs a few seconds to be back, and a device tries to reconnect every 20 at most:
# nobody is missed before that.
RETURN = 20.0
# By then whoever comes back within that time has been heard for long enough to be back, and all programs have a pulse.
SETTLED = 30.0

Make = Callable[[Household], list[Recipe]]


def bridge(house: Household) -> list[Recipe]:
    """Broker → log, log → store."""
    from bridge.archive import Archive
    from bridge.intake import Intake

    common = house.live, house.clock, house.metrics
    return [
        Recipe("intake", lambda: Intake(house.broker(), house.log, *common)),
        Recipe("archive", lambda: Archive(house.log, house.store, *common)),
        *([Recipe("canary", lambda: _canary(house))] if house.settings.canary and house.outside else []),
    ]


def _canary(house: Household) -> Part:
    from bridge.canary import Canary
    from ward.adapters.mqtt.mqtt_trunk import MqttTrunk

    trunk = MqttTrunk(house.mqtt, f"wardwatch-canary-{house.instance}", room=10)
    own = house.settings.instance or os.uname().nodename
    return Canary(trunk, house.store, house.live, own, house.clock, house.metrics, house.settings.canary)


def rollups(house: Household) -> list[Recipe]:
    """Raw readings in the store → minutes and hours beside them."""
    from rollups.days import Days
    from rollups.rollups import Rollups

    common = house.clock, house.metrics
    return [
        Recipe("rollups", lambda: Rollups(house.log, house.store, *common)),
        Recipe("days", lambda: Days(house.store, house.live, *common)),
    ]


def detectors(house: Household) -> list[Recipe]:
    """Readings → findings."""
    from detectors.engine.worker import Worker

    common = house.live, house.clock, house.metrics
    return [Recipe("detectors", lambda: Worker(house.log, *common, grace=RETURN))]


def alerts(house: Household) -> list[Recipe]:
    """Findings → alerts → people."""
    from alerts.bell import Bell
    from alerts.pipeline import Pipeline
    from alerts.senders import Senders

    house.settings.data.mkdir(parents=True, exist_ok=True)
    bell, data = Bell(), house.settings.data
    house.at_end(bell.close)
    common = house.clock, house.metrics, bell
    return [
        Recipe("alerts", lambda: Pipeline(house.log, house.live, data, *common, grace=SETTLED)),
        Recipe("senders", lambda: Senders(house.live, data, *common)),
    ]


def web(house: Household, mailbox: Mailbox | None = None) -> list[Recipe]:
    """The ward screen and the API. The port is taken before anything starts: `SettingsError` when it cannot be."""
    from web.app import make_app
    from web.desk import Desk
    from web.server import Server, bind
    from web.views.follower import Follower
    from web.views.picture import Picture
    from web.views.recall import Recall
    from web.views.wall import Wall

    live, clock, metrics, settings = house.live, house.clock, house.metrics, house.settings
    listener = bind(settings.http_host, settings.http_port)
    house.at_end(listener.close)
    picture = Picture(live, clock)
    hosts = [name.strip() for name in settings.http_hosts.split(",") if name.strip()]
    desk = Desk(
        log=house.log, store=house.store, live=live, clock=clock, metrics=metrics, picture=picture,
        reload=lambda: () if live.reload() else live.faults, mailbox=mailbox, hosts=hosts,
    )  # fmt: skip
    screen = make_app(desk)
    return [
        Recipe("screen", lambda: Server(screen, listener)),
        Recipe("follower", lambda: Follower(house.log, picture, clock, metrics)),
        Recipe("recall", lambda: Recall(house.store, picture, clock)),
        Recipe("wall", lambda: Wall(house.store, desk.board, picture, clock, metrics)),
    ]


def simulators(house: Household, simulated: Simulated | None = None) -> list[Recipe]:
    """Patients, monitors and loggers, for a look and for tests."""
    return [Recipe("simulators", (simulated or Simulated(house)).make)]


PROGRAMS: Mapping[str, Make] = {
    "web": web, "bridge": bridge, "detectors": detectors, "alerts": alerts, "rollups": rollups,
    "simulators": simulators,
}  # fmt: skip
