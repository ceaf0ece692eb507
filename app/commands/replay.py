"""`wardwatch replay`: publishes a recording as the readings of a device."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from app.console.mqtt_options import ROOT, URL

if TYPE_CHECKING:
    from app.console.progress import ShowProgress
    from simulators.device_client.client import DeviceClient
    from simulators.recordings.replay import Replay
    from ward.clock import Clock
    from ward.topics import DeviceTopics


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@URL
@ROOT
@click.option("--ward", default="replay", show_default=True, help="The ward to publish for.")
@click.option("--device", help="The device to publish as; by default one named after the file.")
@click.option("--speed", type=float, default=1.0, show_default=True, help="How many times faster than recorded.")
@click.option("--flat-out", is_flag=True, help="As fast as readings are acknowledged.")
@click.option(
    "--times", type=click.Choice(["now", "past", "recorded"]), help="The times of the readings; see docs/simulators.md."
)
@click.option("--hold", type=float, metavar="SECONDS", help="Repeat each value at this interval, as a monitor does.")
@click.option(
    "--patience",
    type=float,
    default=60.0,
    show_default=True,
    help="Seconds without an acknowledgement until giving up.",
)
def replay(file: Path, url: str, root: str, ward: str, device: str | None, speed: float, flat_out: bool,
           times: str | None, hold: float | None, patience: float) -> None:  # fmt: skip
    """Publish a recording as the readings of a device."""
    from app.console.progress import progress
    from simulators.device_client.client import DeviceClient
    from simulators.device_client.memory_buffer import MemoryDeviceBuffer
    from simulators.device_client.mqtt_connection import MqttDeviceConnection
    from simulators.recordings.recording import read_recording
    from simulators.recordings.replay import Replay, ReplayTimes, repeat_samples
    from ward.clock import SystemClock
    from ward.errors import SettingsError

    try:
        recording = read_recording(file) if hold is None else repeat_samples(read_recording(file), hold)
        topics = _topics(root, ward, device or f"replay-{recording.name}"[:64])
        clock, total = SystemClock(), len(recording.samples)
        client = DeviceClient(topics, MqttDeviceConnection(url, topics), MemoryDeviceBuffer(most=total + 1), clock)
        pace = None if flat_out else speed
        running = Replay(recording, client, clock, speed=pace, times=ReplayTimes(times) if times else None)
    except SettingsError as error:
        raise click.ClickException(str(error)) from error
    with progress(recording.name, total) as show:
        ended = _run(running, client, clock, patience, show)
    counts = client.counts
    click.echo(f"{running.replayed} of {total} samples replayed; {counts.measured} readings: "
               f"{counts.acknowledged} acknowledged, {counts.buffered} not, {counts.resent} sent again")  # fmt: skip
    if not ended:
        raise click.ClickException(f"nothing was acknowledged for {patience:g} s; is the bridge running?")


def _topics(root: str, ward: str, device: str) -> DeviceTopics:
    from ward.errors import SettingsError
    from ward.ids import is_id
    from ward.topics import DeviceTopics

    if not (is_id(root) and is_id(ward) and is_id(device)):
        raise SettingsError("--root, --ward and --device are letters, digits, '_', '.' and '-', at most 64")
    return DeviceTopics(root, ward, device)


def _run(running: Replay, client: DeviceClient, clock: Clock, patience: float, show: ShowProgress) -> bool:
    """Run to the end. False when something stayed unacknowledged for longer than `patience`."""
    progressed, acknowledged = clock.monotonic(), 0
    try:
        while not running.done:
            running.step(0.2)
            show(running.replayed)
            counts = client.counts
            if counts.acknowledged != acknowledged or not counts.buffered:
                progressed, acknowledged = clock.monotonic(), counts.acknowledged
            elif clock.monotonic() - progressed > patience:
                return False
    except KeyboardInterrupt:
        pass
    finally:
        running.close()
    return True
