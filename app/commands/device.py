"""`wardwatch device`: connect a new device."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from app.console.cli_context import CONFIG
from app.console.output import FORMAT

if TYPE_CHECKING:
    from app.devices.payload_trial import PayloadTrial
    from app.devices.trial_output import TrialOutput
    from ward.adapters.mqtt.address import MqttAddress
    from ward.adapters.mqtt.gateway_connection import MqttGatewayConnection
    from ward.clock import Clock

# A payload of more than 64 KiB is refused: this is enough to show that.
MOST_BYTES = 300_000


@click.group()
def device() -> None:
    """Show how the bridge decodes what a device sends."""


@device.command("try")
@click.argument("files", metavar="[FILE]...", nargs=-1, type=click.Path(path_type=Path, allow_dash=True))
@click.option(
    "--topic", metavar="TOPIC", help="The topic of the payload; without a FILE, the topic filter to listen to."
)
@click.option(
    "--listen", default=1, show_default=True, metavar="N", type=click.IntRange(1), help="End after N messages."
)
@click.option("--wait", default=60.0, show_default=True, metavar="SECONDS", help="How long to listen at most.")
@CONFIG
@FORMAT
@click.pass_context
def try_(
    ctx: click.Context, files: tuple[Path, ...], topic: str | None, listen: int, wait: float, directory: Path | None,
    form: str,
) -> None:  # fmt: skip
    """Show how the bridge decodes a payload, or why it refuses it, and what to correct.

    Each FILE holds one payload, in the order they are sent; - is standard input. Without --topic each line of `topics`
    is tried. Without a FILE, messages are taken from the broker of the settings; TOPIC may be a filter then.
    Nothing is stored. Exits with 1 when a payload is refused.
    """
    from app.console.cli_context import config_of, settings_of
    from app.devices.payload_trial import PayloadTrial
    from app.devices.trial_output import TrialOutput
    from ward.clock import SystemClock

    if not files and topic is None:
        raise click.UsageError("give a FILE with a payload, or --topic to listen to")
    clock = SystemClock()
    config = config_of(directory, clock.now())
    trial = PayloadTrial(config, settings_of(config=directory).config, clock)
    output = TrialOutput(trial, form)
    if not files:
        from app.console.cli_errors import exit_on_errors
        from ward.adapters.factory import mqtt_address

        settings = settings_of(config=directory)
        with exit_on_errors():
            address = mqtt_address(settings.mqtt_url, "WARDWATCH_MQTT_URL", settings.secrets)
        accepted = _listen(trial, output, address, str(topic), listen, wait, clock)
    else:
        accepted = True
        for file in files:
            accepted &= _try_file(trial, output, topic, _payload(file))
    output.finish()
    ctx.exit(0 if accepted else 1)


def _payload(file: Path) -> bytes:
    try:
        with click.open_file(str(file), "rb") as stream:
            found: bytes = stream.read(MOST_BYTES)
    except OSError as error:
        raise click.ClickException(f"{file}: cannot be read: {error.strerror}") from error
    # An editor ends a file with a line feed, which the device does not send.
    return found.removesuffix(b"\n")


def _try_file(trial: PayloadTrial, output: TrialOutput, topic: str | None, payload: bytes) -> bool:
    if topic is None:
        return _try_all_topics(trial, output, payload)
    if "+" in topic or "#" in topic:
        raise click.UsageError("--topic is the topic of the payload in FILE: + and # are for listening")
    return output.show(trial.decode(topic, payload))


def _try_all_topics(trial: PayloadTrial, output: TrialOutput, payload: bytes) -> bool:
    """Whether any line of `topics` decodes it. Shows the results of those that do, else every refusal."""
    tries = [trial.decode(topic, payload) for topic in trial.topics()]
    decoded = [result for result in tries if result.accepted and result.readings]
    for result in decoded or tries:
        output.show(result)
    return bool(decoded)


def _listen(
    trial: PayloadTrial, output: TrialOutput, address: MqttAddress, topic: str, most: int, wait: float, clock: Clock
) -> bool:
    """Show each message of the broker as it arrives. False when one is refused, or none arrives."""
    from ward.adapters.mqtt.gateway_connection import MqttGatewayConnection

    accepted, count = True, 0
    connection = MqttGatewayConnection(address, f"wardwatch-try-{os.getpid()}", [topic])
    for name, payload in _messages(connection, wait, clock):
        accepted &= output.show(trial.decode(name, payload))
        count += 1
        if count >= most:
            return accepted
    click.echo(f"{count or 'no'} messages on '{topic}' of {address.host}:{address.port} within {wait:g} s", err=True)
    return accepted and count > 0


def _messages(connection: MqttGatewayConnection, wait: float, clock: Clock) -> Iterator[tuple[str, bytes]]:
    until, was_connected = clock.monotonic() + wait, False
    try:
        connection.connect()
        while clock.monotonic() < until:
            was_connected = was_connected or connection.connected
            yield from connection.receive()
            clock.wait(0.05)
        if not was_connected:
            raise click.ClickException("the broker does not answer: is WARDWATCH_MQTT_URL right?")
    finally:
        connection.close()
