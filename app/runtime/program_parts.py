"""The six programs: which parts each has, and the resources that each part uses.

broker ─▶ bridge: intake ─▶ log ─┬─▶ bridge: archive ─▶ store
                                 ├─▶ rollups ◀─▶ store
                                 ├─▶ detectors ─▶ log ─▶ alerts: pipeline ─▶ outbox ─▶ alerts: senders
                                 └─▶ web: follower ─▶ read model ─▶ web: server ◀─ warm-up ◀─ store
                                                          └─▶ web: overview ─▶ store
"""

import logging
import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from app.runtime.one_at_a_time import OneAtATime
from app.runtime.part_runner import Part, PartFactory
from app.runtime.resources import Resources
from ward.errors import WardwatchError
from ward.ports import Broker, TransactionalProducer

# A process loads only the programs that it runs: each function below imports its own.
if TYPE_CHECKING:
    from app.runtime.simulated_devices import SimulatedDevices
    from web.dependencies import Mailbox

# Seconds after a start in which no device counts as silent: the bridge needs a few seconds to start, and a device
# tries to reconnect at least every 20 s.
RECONNECT_GRACE = 20.0
# Seconds after a start in which `alerts` reports no program as silent and holds messages about missing equipment: after
# that, each device that reconnected within RECONNECT_GRACE has sent for 10 s, and all programs have sent a heartbeat.
START_GRACE = 30.0

log = logging.getLogger(__name__)

Make = Callable[[Resources], list[PartFactory]]


def bridge_parts(resources: Resources, wrap: Callable[[Broker], Broker] = lambda broker: broker) -> list[PartFactory]:
    """Broker → log, log → store. `wrap` is called with each connection to the broker, and what it returns is used."""
    from bridge.archive import Archive

    common = resources.live, resources.clock, resources.metrics
    parts = [
        PartFactory("intake", lambda: _intake(resources, wrap)),
        PartFactory("archive", lambda: Archive(resources.log, resources.store, *common)),
    ]
    if resources.settings.canary and resources.external_broker:
        parts.append(PartFactory("canary", lambda: _canary(resources)))
    return parts


def _intake(resources: Resources, wrap: Callable[[Broker], Broker]) -> Part:
    """On Kafka several bridges share the devices. The other logs have one process, which has them all."""
    from bridge.intake import Intake
    from bridge.share import Share
    from bridge.shares import Shares

    log, common = resources.log, (resources.live, resources.clock, resources.metrics)
    if not resources.shared_log:
        return Intake(wrap(resources.broker()), log, *common)

    def open_intake(
        share: Share, may_connect: Callable[[], bool], producer: TransactionalProducer | None
    ) -> Intake:  # fmt: skip
        return Intake(wrap(resources.broker(share.name, may_connect)), log, *common, share, producer)

    return Shares(log, resources.settings.bridge_shares, open_intake, resources.clock)


def _canary(resources: Resources) -> Part:
    from bridge.canary import Canary
    from ward.adapters.mqtt.gateway_connection import MqttGatewayConnection

    connection = MqttGatewayConnection(resources.mqtt, f"wardwatch-canary-{resources.instance}", room=10)
    settings, common = resources.settings, (resources.clock, resources.metrics)
    name = settings.instance or os.uname().nodename
    return Canary(connection, resources.store, resources.live, name, *common, settings.canary)


def rollup_parts(resources: Resources) -> list[PartFactory]:
    """Raw readings in the store → minutes and hours beside them, by the partitions of the log; days in one process."""
    from rollups.day_statistics import DayStatistics
    from rollups.worker import RollupWorker

    common = resources.clock, resources.metrics

    def days() -> Part:
        return DayStatistics(resources.store, resources.live, *common)

    return [
        PartFactory("rollups", lambda: RollupWorker(resources.log, resources.store, *common)),
        PartFactory("days", lambda: OneAtATime("rollup-days", resources.log, days, resources.clock)),
    ]


def detector_parts(resources: Resources) -> list[PartFactory]:
    """Readings → findings: of devices, and of patients, whatever devices stand at the bed."""
    from detectors.worker.stage import BEDS
    from detectors.worker.worker import Worker

    common = resources.log, resources.live, resources.clock, resources.metrics
    return [
        PartFactory("detectors", lambda: Worker(*common, grace=RECONNECT_GRACE)),
        PartFactory("bed-detectors", lambda: Worker(*common, stage=BEDS)),
    ]


def alert_parts(resources: Resources) -> list[PartFactory]:
    """Findings → alerts → notifications. Raises `SettingsError` for a data folder that cannot be used.

    On Kafka one of several processes is active and the others follow it. The other logs have one process.
    """
    from alerts.channels.open_channel import open_channel
    from alerts.channels.sms_notifier import ask_receipt
    from alerts.delivery.receipt_reader import ReceiptReader
    from alerts.delivery.send_permit import SendPermit
    from alerts.delivery.senders import Senders
    from alerts.failover import Failover
    from alerts.log_publisher import LogPublisher
    from alerts.pipeline import Pipeline
    from alerts.ports.replica import ReplicaStore
    from alerts.storage.outbox_file import OutboxFile
    from alerts.storage.receipts_file import ReceiptsFile
    from alerts.storage.state_file import StateFile
    from ward.wakeup import Wakeup

    data = resources.settings.data
    data.mkdir(parents=True, exist_ok=True)
    resources.at_end(StateFile.lock(data))
    StateFile.check_version(data)
    wakeup = Wakeup()
    resources.at_end(wakeup.close)
    log, live, clock = resources.log, resources.calendars, resources.clock
    common = clock, resources.metrics, wakeup
    permit, started = SendPermit(clock, wakeup.wake) if resources.shared_log else None, clock.monotonic()

    def store() -> StateFile:
        return StateFile.in_folder(data, clock.now())

    def succeeding(store: ReplicaStore, publisher: LogPublisher) -> Pipeline:
        grace = max(0.0, START_GRACE - (clock.monotonic() - started))
        return Pipeline(log, live, store, *common, grace=grace, publisher=publisher)

    def pipeline() -> Part:
        if permit is not None:
            return Failover(log, store, succeeding, permit, clock)
        return Pipeline(log, live, store(), *common, grace=START_GRACE)

    def senders() -> Part:
        return Senders(live, lambda: OutboxFile.in_folder(data), open_channel, *common, permit=permit)

    def receipts() -> Part:
        return ReceiptReader(live, lambda: ReceiptsFile(data), ask_receipt, clock, resources.metrics, permit)

    return [PartFactory("alerts", pipeline), PartFactory("senders", senders), PartFactory("receipts", receipts)]


def web_parts(resources: Resources, mailbox: "Mailbox | None" = None) -> list[PartFactory]:
    """The ward screen and the API. Binds the port before anything starts; raises `SettingsError` when it cannot."""
    from app.runtime.alerts_watch import AlertsWatch
    from web.app import make_app
    from web.dependencies import Dependencies
    from web.model.log_follower import LogFollower
    from web.model.read_model import ReadModel
    from web.model.store_warmup import StoreWarmup
    from web.overview.writer import OverviewWriter
    from web.reports.mailer import ReportMailer
    from web.server import Server, bind

    live, clock, metrics, settings = resources.calendars, resources.clock, resources.metrics, resources.settings
    reloader = resources.live
    listener = bind(settings.http_host, settings.http_port)
    resources.at_end(listener.close)
    model = ReadModel(live, clock)
    hosts = [name.strip() for name in settings.http_hosts.split(",") if name.strip()]
    deps = Dependencies(
        log=resources.log, store=resources.store, live=live, clock=clock, metrics=metrics, model=model,
        reload=lambda: () if reloader.reload() else reloader.faults, mailbox=mailbox, hosts=hosts,
    )  # fmt: skip
    screen = make_app(deps)
    return [
        PartFactory("screen", lambda: Server(screen, listener)),
        PartFactory("follower", lambda: LogFollower(resources.log, model, clock, metrics)),
        PartFactory("alerts-watch", lambda: AlertsWatch(model, live, clock, metrics, resources.instance)),
        PartFactory("store-warmup", lambda: StoreWarmup(resources.store, model, clock)),
        PartFactory("overview", lambda: OverviewWriter(resources.store, deps.board, model, clock, metrics)),
        PartFactory("reports", lambda: ReportMailer(resources.store, resources.log, live, model, clock)),
    ]


def simulator_parts(resources: Resources, simulated: "SimulatedDevices | None" = None) -> list[PartFactory]:
    """Simulated patients, monitors and loggers, for demonstrations and tests."""
    from app.runtime.simulated_devices import SimulatedDevices

    return [PartFactory("simulators", (simulated or SimulatedDevices(resources)).make)]


def simulated_past_parts(resources: Resources) -> list[PartFactory]:
    """Writes a simulated week before the first start of a demonstration. Empty when the store or log has data already.
    What is known of the patients from that week is in the log when this returns.

    Raises `SettingsError` for a script that cannot be read.
    """
    from app.simulated_past.stays import send_stays
    from app.simulated_past.writer import PastWriter, begin
    from simulators.scripts.past_script import load_past_script

    script = load_past_script().model_copy(update={"seed": resources.settings.seed})
    try:
        past = begin(resources.store, resources.log, script, resources.clock, len(resources.live.config.inventory.beds))
        if past is not None and not past.written:
            send_stays(resources.log, resources.live.config, script, past)
    except WardwatchError as error:
        log.warning("no simulated past is written: %s", error)
        return []
    if past is None:
        return []
    return [PartFactory("past", lambda: PastWriter(past, resources.store, resources.live, script, resources.clock))]


PROGRAMS: Mapping[str, Make] = {
    "web": web_parts, "bridge": bridge_parts, "detectors": detector_parts, "alerts": alert_parts,
    "rollups": rollup_parts, "simulators": simulator_parts,
}  # fmt: skip
