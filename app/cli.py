"""The command `wardwatch`. A command's module is imported when it is called: `--help` answers at once."""

import importlib

import click

# Each command, where it is, and what `wardwatch --help` says of it.
COMMANDS = {
    "demo": ("app.commands.demo:demo", "A ward, live, in one process: nothing else is needed."),
    "run": ("app.commands.run:run", "Run programs: bridge, detectors, alerts, web, rollups, simulators."),
    "config": ("app.commands.config:config", "Check a config directory."),
    "rules": ("app.commands.rules:rules", "Try rules on tapes and on the past."),
    "rehearse": ("app.commands.rehearse:rehearse", "Everything that can be simulated, once, in virtual time."),
    "device": ("app.commands.device:device", "See what the bridge would make of what a device sends."),
    "routes": ("app.commands.routes:routes", "Ask who would be told of an alert, and why."),
    "alert": ("app.commands.alert:alert", "See and acknowledge alerts."),
    "silence": ("app.commands.silence:silence", "See, add and end silences."),
    "influx": ("app.commands.influx:influx", "Make and check InfluxDB's buckets and tokens; roll up the past."),
    "grafana": ("app.commands.grafana:grafana", "Make the dashboards and alerting Grafana starts with."),
    "replay": ("app.commands.replay:replay", "Publish a recording as a bed."),
    "load-test": ("app.commands.load_test:load_test", "Load a broker and a bridge with many devices."),
    "health": ("app.commands.health:health", "Tell whether the programs that run here are well."),
    "version": ("app.commands.version:version", "Tell the version."),
}


class Lazy(click.Group):
    """A group whose commands are imported by name."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[cmd_name][0].partition(":")
        found: click.Command = getattr(importlib.import_module(module), attribute)
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """From the table alone, so that nothing is imported."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, words) for name, (_, words) in COMMANDS.items()])


@click.group(cls=Lazy)
@click.version_option(package_name="wardwatch")
def main() -> None:
    """Watches hospital wards. Advisory: never the only alarm."""
