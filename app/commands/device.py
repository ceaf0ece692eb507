"""`wardwatch device`: bring a device."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from app.console.cli_context import CONFIG

if TYPE_CHECKING:
    from app.devices.payload_trial import PayloadTrial, TrialResult
    from ward.adapters.mqtt.address import MqttAddress
    from ward.adapters.mqtt.gateway_connection import MqttGatewayConnection
    from ward.clock import Clock

# A payload beyond 64 KiB is refused anyway: enough to see that.
MOST_BYTES = 300_000


@click.group()
def device() -> None:
    """See what would become of what a device sends."""


@device.command("try")
@click.argument("files", metavar="[FILE]...", nargs=-1, type=click.Path(path_type=Path, allow_dash=True))
@click.option("--topic", metavar="TOPIC", help="The topic it is published to; without a FILE, listen to it.")
@click.option(
    "--listen", default=1, show_default=True, metavar="N", type=click.IntRange(1), help="End after N messages."
)
@click.option("--wait", default=60.0, show_default=True, metavar="SECONDS", help="How long to listen at most.")
@CONFIG
@click.pass_context
def try_(
    ctx: click.Context, files: tuple[Path, ...], topic: str | None, listen: int, wait: float, directory: Path | None
) -> None:
    """Tell what the bridge would make of a payload, or why it would refuse it, and where to change what.

    Each FILE holds one payload, in the order they are sent; - is standard input. Without --topic each line of `topics`
    is tried. Without a FILE, messages are taken from the broker of the settings; TOPIC may be a filter then.
    Nothing is stored. Exits with 1 when something is refused.
    """
    from app.console.cli_context import config_of, settings_of
    from app.devices.payload_trial import PayloadTrial
    from ward.clock import SystemClock

    if not files and topic is None:
        raise click.UsageError("give a FILE with a payload, or --topic to listen to")
    clock = SystemClock()
    config = config_of(directory, clock.now())
    trial = PayloadTrial(config, settings_of(config=directory).config, clock)
    if not files:
        from app.console.cli_errors import exit_on_errors
        from ward.adapters.factory import mqtt_address

        settings = settings_of(config=directory)
        with exit_on_errors():
            address = mqtt_address(settings.mqtt_url, "WARDWATCH_MQTT_URL", settings.secrets)
        sound = _heard(trial, address, str(topic), listen, wait, clock)
    else:
        sound = True
        for file in files:
            sound &= _given(trial, topic, _payload(file))
    ctx.exit(0 if sound else 1)


def _payload(file: Path) -> bytes:
    try:
        with click.open_file(str(file), "rb") as stream:
            found: bytes = stream.read(MOST_BYTES)
    except OSError as error:
        raise click.ClickException(f"{file}: cannot be read: {error.strerror}") from error
    # An editor ends a file with a line feed, which the device does not send.
    return found.removesuffix(b"\n")


def _given(trial: PayloadTrial, topic: str | None, payload: bytes) -> bool:
    if topic is None:
        return _anywhere(trial, payload)
    if "+" in topic or "#" in topic:
        raise click.UsageError("--topic is the topic of the payload in FILE: + and # are for listening")
    return _shown(trial, trial.tried(topic, payload))


def _shown(trial: PayloadTrial, tried: TrialResult) -> bool:
    for line in trial.lines(tried):
        click.echo(line)
    return tried.sound


def _anywhere(trial: PayloadTrial, payload: bytes) -> bool:
    """Whether any line of `topics` reads it: those that do are shown whole, else each with its reason."""
    tries = [trial.tried(topic, payload) for topic in trial.topics()]
    read = [tried for tried in tries if tried.sound and tried.readings]
    for i, tried in enumerate(read or tries):
        if i:
            click.echo()
        _shown(trial, tried)
    return bool(read)


def _heard(trial: PayloadTrial, address: MqttAddress, topic: str, most: int, wait: float, clock: Clock) -> bool:
    """Messages of the broker, each shown as it comes."""
    from ward.adapters.mqtt.gateway_connection import MqttGatewayConnection

    sound, count = True, 0
    connection = MqttGatewayConnection(address, f"wardwatch-try-{os.getpid()}", [topic])
    for name, payload in _messages(connection, wait, clock):
        if count:
            click.echo()
        sound &= _shown(trial, trial.tried(name, payload))
        count += 1
        if count >= most:
            return sound
    click.echo(f"{count or 'no'} messages on '{topic}' of {address.host}:{address.port} within {wait:g} s", err=True)
    return sound and count > 0


def _messages(connection: MqttGatewayConnection, wait: float, clock: Clock) -> Iterator[tuple[str, bytes]]:
    until, met = clock.monotonic() + wait, False
    try:
        connection.connect()
        while clock.monotonic() < until:
            met = met or connection.connected
            yield from connection.receive()
            clock.wait(0.05)
        if not met:
            raise click.ClickException("the broker does not answer: is WARDWATCH_MQTT_URL right?")
    finally:
        connection.close()
