"""`wardwatch load-test`: many simulated devices on a broker."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from app.console.mqtt_options import ROOT, URL

if TYPE_CHECKING:
    from simulators.load.report import LoadReport


@click.command("load-test")
@URL
@ROOT
@click.option("--ward", default="load", show_default=True, help="The ward to publish for.")
@click.option("--devices", type=int, default=100, show_default=True)
@click.option("--rate", type=float, default=1.0, show_default=True, help="Readings a second of each device.")
@click.option("--seconds", type=float, default=10.0, show_default=True, help="How long to send.")
@click.option("--connections", type=click.IntRange(1, 64), default=4, show_default=True)
@click.option(
    "--patience", type=float, default=10.0, show_default=True, help="Seconds to wait for the last acknowledgement."
)
@click.option("--remote", is_flag=True, help="Allow a broker on another machine.")
def load_test(url: str, root: str, ward: str, devices: int, rate: float, seconds: float, connections: int,
          patience: float, remote: bool) -> None:  # fmt: skip
    """Load a broker and a bridge with many devices, and report what was sent and acknowledged."""
    import os

    from app.console.progress import progress
    from simulators.load.generator import LoadGenerator
    from simulators.load.loopback import require_loopback
    from ward.adapters.mqtt.gateway_connection import MqttGatewayConnection
    from ward.clock import SystemClock
    from ward.errors import SettingsError

    try:
        url = url if remote else require_loopback(url)
        acks = LoadGenerator.subscriptions(root, ward)
        # Only the first connection subscribes, so that each acknowledgement is received once.
        gateways = [
            MqttGatewayConnection(url, f"fleet-{os.getpid()}-{i}", acks if i == 0 else ()) for i in range(connections)
        ]
        running = LoadGenerator(gateways, SystemClock(), devices=devices, rate=rate, seconds=seconds,
                        patience=patience, root=root, ward=ward)  # fmt: skip
    except SettingsError as error:
        raise click.ClickException(str(error)) from error
    with progress("load", running.report.requested) as show:
        try:
            while not running.done:
                running.step(0.2)
                show(running.report.sent, f"{running.report.acknowledged} durable")
        except KeyboardInterrupt:
            pass
        finally:
            running.close()
    _print_report(running.report)


def _print_report(report: LoadReport) -> None:
    for line in report.lines():
        click.echo(line)
    if not report.kept_up:
        raise click.ClickException("not all readings were sent and acknowledged")
