"""`wardwatch demo`: a whole ward in one process."""

import sys
import time
from pathlib import Path

import click


@click.command()
@click.option("--http-port", default=8080, envvar="WARDWATCH_HTTP_PORT", show_default=True)
@click.option("--mqtt-port", default=1883, envvar="WARDWATCH_MQTT_PORT", show_default=True)
@click.option("--data", default="data", envvar="WARDWATCH_DATA", type=click.Path(path_type=Path), show_default=True)
@click.option("--seconds", type=float, help="End by itself after so long.")
def demo(http_port: int, mqtt_port: int, data: Path, seconds: float | None) -> None:
    """A whole ward in one process."""
    from app.stack import Stack

    stack = Stack(data, mqtt_port, http_port)
    stack.start()
    click.echo(
        f"ward screen: http://127.0.0.1:{http_port}/ - in 20 s a heart races, and is told by mail. Ctrl-C ends it."
    )
    try:
        end = time.monotonic() + seconds if seconds else float("inf")
        while time.monotonic() < end:
            time.sleep(0.2)
    except KeyboardInterrupt:
        pass
    finally:
        for subject in stack.mailbox.subjects():
            click.echo(f"mail: {subject}")
        sys.exit(0 if stack.stop() else 1)
