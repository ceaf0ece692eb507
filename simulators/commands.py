"""`wardwatch replay` and `wardwatch fleet`. What is heavy is imported where it runs: `--help` answers at once."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from simulators.device import Device
    from simulators.fleet_report import Report
    from simulators.progress import Tell
    from simulators.replay import Replay
    from ward.clock import Clock
    from ward.topics import DeviceTopics

URL = click.option(
    "--url", default="mqtt://127.0.0.1:1883", envvar="WARDWATCH_MQTT_URL", show_default=True, help="The MQTT broker."
)
ROOT = click.option(
    "--root", default="ward", envvar="WARDWATCH_MQTT_ROOT", show_default=True, help="First topic level."
)


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@URL
@ROOT
@click.option("--ward", default="replay", show_default=True, help="The ward to publish for.")
@click.option("--device", help="The device to publish as; by default one named after the file.")
@click.option("--speed", type=float, default=1.0, show_default=True, help="So many times faster than life.")
@click.option("--flat-out", is_flag=True, help="As fast as it is acknowledged.")
@click.option("--times", type=click.Choice(["now", "past", "kept"]), help="Of the readings; see docs/simulators.md.")
@click.option("--hold", type=float, metavar="SECONDS", help="Show each value again every so often, as a monitor does.")
@click.option("--patience", type=float, default=60.0, show_default=True, help="Seconds without thanks until giving up.")
def replay(file: Path, url: str, root: str, ward: str, device: str | None, speed: float, flat_out: bool,
           times: str | None, hold: float | None, patience: float) -> None:  # fmt: skip
    """Publish a recording as a bed."""
    from simulators.device import Device
    from simulators.device_client.memory_buffer import MemoryDeviceBuffer
    from simulators.device_client.mqtt_connection import MqttDeviceConnection
    from simulators.progress import progress
    from simulators.recording import recording
    from simulators.replay import Replay, Times, held
    from ward.clock import SystemClock
    from ward.errors import SettingsError

    try:
        what = recording(file) if hold is None else held(recording(file), hold)
        topics = _topics(root, ward, device or f"replay-{what.name}"[:64])
        clock, total = SystemClock(), len(what.samples)
        bed = Device(topics, MqttDeviceConnection(url, topics), MemoryDeviceBuffer(most=total + 1), clock)
        pace = None if flat_out else speed
        running = Replay(what, bed, clock, speed=pace, times=Times(times) if times else None)
    except SettingsError as error:
        raise click.ClickException(str(error)) from error
    with progress(what.name, total) as tell:
        ended = _play(running, bed, clock, patience, tell)
    counts = bed.counts
    click.echo(f"{running.given} of {total} samples given; {counts.measured} readings: "
               f"{counts.acknowledged} acknowledged, {counts.kept} not, {counts.resent} sent again")  # fmt: skip
    if not ended:
        raise click.ClickException(f"nothing was acknowledged for {patience:g} s; is the bridge running?")


@click.command()
@URL
@ROOT
@click.option("--ward", default="load", show_default=True, help="The ward to publish for.")
@click.option("--devices", type=int, default=100, show_default=True)
@click.option("--rate", type=float, default=1.0, show_default=True, help="Readings a second of each device.")
@click.option("--seconds", type=float, default=10.0, show_default=True, help="How long to send.")
@click.option("--connections", type=click.IntRange(1, 64), default=4, show_default=True)
@click.option("--patience", type=float, default=10.0, show_default=True, help="Seconds to wait for the last thanks.")
@click.option("--remote", is_flag=True, help="Allow a broker that is not this machine.")
def fleet(url: str, root: str, ward: str, devices: int, rate: float, seconds: float, connections: int,
          patience: float, remote: bool) -> None:  # fmt: skip
    """Load a broker and a bridge with many devices, and say what came of it."""
    import os

    from simulators.fleet import Fleet
    from simulators.loopback import only_loopback
    from simulators.progress import progress
    from ward.adapters.mqtt.gateway_connection import MqttGatewayConnection
    from ward.clock import SystemClock
    from ward.errors import SettingsError

    try:
        url = url if remote else only_loopback(url)
        listen = Fleet.listen(root, ward)
        # One connection listens for all, so that an acknowledgement is heard once.
        trunks = [
            MqttGatewayConnection(url, f"fleet-{os.getpid()}-{i}", listen if i == 0 else ()) for i in range(connections)
        ]
        running = Fleet(trunks, SystemClock(), devices=devices, rate=rate, seconds=seconds,
                        patience=patience, root=root, ward=ward)  # fmt: skip
    except SettingsError as error:
        raise click.ClickException(str(error)) from error
    with progress("fleet", running.report.asked) as tell:
        try:
            while not running.done:
                running.step(0.2)
                tell(running.report.sent, f"{running.report.acknowledged} durable")
        except KeyboardInterrupt:
            pass
        finally:
            running.close()
    _tell_fleet(running.report)


def _tell_fleet(report: Report) -> None:
    for line in report.lines():
        click.echo(line)
    if not report.kept_up:
        raise click.ClickException("the load was not carried whole")


def _topics(root: str, ward: str, device: str) -> DeviceTopics:
    from ward.errors import SettingsError
    from ward.ids import is_id
    from ward.topics import DeviceTopics

    if not (is_id(root) and is_id(ward) and is_id(device)):
        raise SettingsError("--root, --ward and --device are letters, digits, '_', '.' and '-', at most 64")
    return DeviceTopics(root, ward, device)


def _play(running: Replay, bed: Device, clock: Clock, patience: float, tell: Tell) -> bool:
    """Run to the end. False when something stayed unacknowledged for longer than `patience`."""
    moved, acknowledged = clock.monotonic(), 0
    try:
        while not running.done:
            running.step(0.2)
            tell(running.given)
            counts = bed.counts
            if counts.acknowledged != acknowledged or not counts.kept:
                moved, acknowledged = clock.monotonic(), counts.acknowledged
            elif clock.monotonic() - moved > patience:
                return False
    except KeyboardInterrupt:
        pass
    finally:
        running.close()
    return True
