"""The six programs: which parts each has, and what they are made of.

broker ─▶ bridge: intake ─▶ log ─┬─▶ bridge: archive ─▶ store
                                 ├─▶ rollups ◀─▶ store
                                 ├─▶ detectors ─▶ log ─▶ alerts: pipeline ─▶ outbox ─▶ alerts: senders
                                 └─▶ web: follower ─▶ read model ─▶ web: server ◀─ recall ◀─ store
                                                          └─▶ web: wall ─▶ store
"""

import logging
import os
from collections.abc import Callable, Mapping

from app.runtime.part_runner import Part, PartFactory
from app.runtime.resources import Resources
from app.runtime.simulated_devices import SimulatedDevices
from ward.errors import WardwatchError
from web.dependencies import Mailbox

# When all of us were away, the bridge needs a few seconds to be back, and a device tries to reconnect every 20 at most:
# nobody is missed before that.
RETURN = 20.0
# By then whoever comes back within that time has been heard for long enough to be back, and all programs have a pulse.
SETTLED = 30.0

log = logging.getLogger(__name__)

Make = Callable[[Resources], list[PartFactory]]


def bridge_parts(house: Resources) -> list[PartFactory]:
    """Broker → log, log → store."""
    from bridge.archive import Archive
    from bridge.intake import Intake

    common = house.live, house.clock, house.metrics
    return [
        PartFactory("intake", lambda: Intake(house.broker(), house.log, *common)),
        PartFactory("archive", lambda: Archive(house.log, house.store, *common)),
        *([PartFactory("canary", lambda: _canary(house))] if house.settings.canary and house.outside else []),
    ]


def _canary(house: Resources) -> Part:
    from bridge.canary import Canary
    from ward.adapters.mqtt.gateway_connection import MqttGatewayConnection

    trunk = MqttGatewayConnection(house.mqtt, f"wardwatch-canary-{house.instance}", room=10)
    own = house.settings.instance or os.uname().nodename
    return Canary(trunk, house.store, house.live, own, house.clock, house.metrics, house.settings.canary)


def rollup_parts(house: Resources) -> list[PartFactory]:
    """Raw readings in the store → minutes and hours beside them."""
    from rollups.day_statistics import DayStatistics
    from rollups.worker import RollupWorker

    common = house.clock, house.metrics
    return [
        PartFactory("rollups", lambda: RollupWorker(house.log, house.store, *common)),
        PartFactory("days", lambda: DayStatistics(house.store, house.live, *common)),
    ]


def detector_parts(house: Resources) -> list[PartFactory]:
    """Readings → findings."""
    from detectors.worker.worker import Worker

    common = house.live, house.clock, house.metrics
    return [PartFactory("detectors", lambda: Worker(house.log, *common, grace=RETURN))]


def alert_parts(house: Resources) -> list[PartFactory]:
    """Findings → alerts → people."""
    from alerts.channels.apprise_channel import AppriseChannel
    from alerts.delivery.senders import Senders
    from alerts.pipeline import Pipeline
    from alerts.storage.outbox_file import OutboxFile
    from alerts.storage.state_file import StateFile
    from ward.wakeup import Wakeup

    data, wakeup = house.settings.data, Wakeup()
    data.mkdir(parents=True, exist_ok=True)
    house.at_end(wakeup.close)
    common = house.clock, house.metrics, wakeup

    def pipeline() -> Part:
        return Pipeline(house.log, house.live, StateFile.in_folder(data, house.clock.now()), *common, grace=SETTLED)

    def senders() -> Part:
        return Senders(house.live, lambda: OutboxFile.in_folder(data), AppriseChannel, *common)

    return [PartFactory("alerts", pipeline), PartFactory("senders", senders)]


def web_parts(house: Resources, mailbox: Mailbox | None = None) -> list[PartFactory]:
    """The ward screen and the API. The port is taken before anything starts: `SettingsError` when it cannot be."""
    from web.app import make_app
    from web.dependencies import Dependencies
    from web.model.log_follower import LogFollower
    from web.model.read_model import ReadModel
    from web.model.store_warmup import StoreWarmup
    from web.presentation.wall_writer import WallWriter
    from web.server import Server, bind

    live, clock, metrics, settings = house.live, house.clock, house.metrics, house.settings
    listener = bind(settings.http_host, settings.http_port)
    house.at_end(listener.close)
    model = ReadModel(live, clock)
    hosts = [name.strip() for name in settings.http_hosts.split(",") if name.strip()]
    deps = Dependencies(
        log=house.log, store=house.store, live=live, clock=clock, metrics=metrics, model=model,
        reload=lambda: () if live.reload() else live.faults, mailbox=mailbox, hosts=hosts,
    )  # fmt: skip
    screen = make_app(deps)
    return [
        PartFactory("screen", lambda: Server(screen, listener)),
        PartFactory("follower", lambda: LogFollower(house.log, model, clock, metrics)),
        PartFactory("recall", lambda: StoreWarmup(house.store, model, clock)),
        PartFactory("wall", lambda: WallWriter(house.store, deps.board, model, clock, metrics)),
    ]


def simulator_parts(house: Resources, simulated: SimulatedDevices | None = None) -> list[PartFactory]:
    """Patients, monitors and loggers, for a look and for tests."""
    return [PartFactory("simulators", (simulated or SimulatedDevices(house)).make)]


def simulated_past_parts(house: Resources) -> list[PartFactory]:
    """A week before the first start of a demonstration; nothing where there is one, or the ward has been there before.

    Raises `SettingsError` for a script that cannot be read.
    """
    from app.simulated_past.writer import PastWriter, begin
    from simulators.scripts.past_script import load_past_script

    script = load_past_script().model_copy(update={"seed": house.settings.seed})
    try:
        past = begin(house.store, house.log, script, house.clock, len(house.live.config.inventory.beds))
    except WardwatchError as error:
        log.warning("no simulated past is written: %s", error)
        return []
    if past is None:
        return []
    return [PartFactory("past", lambda: PastWriter(past, house.store, house.live, script, house.clock))]


PROGRAMS: Mapping[str, Make] = {
    "web": web_parts, "bridge": bridge_parts, "detectors": detector_parts, "alerts": alert_parts,
    "rollups": rollup_parts, "simulators": simulator_parts,
}  # fmt: skip
