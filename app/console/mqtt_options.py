"""Options of the commands that publish over MQTT."""

import click

URL = click.option(
    "--url", default="mqtt://127.0.0.1:1883", envvar="WARDWATCH_MQTT_URL", show_default=True, help="The MQTT broker."
)
ROOT = click.option(
    "--root", default="ward", envvar="WARDWATCH_MQTT_ROOT", show_default=True, help="First topic level."
)
