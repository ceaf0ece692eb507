"""The command `wardwatch`. The module of a subcommand is imported when it is called, so that `--help` is fast."""

import importlib

import click

# Each command: its module and function, and its text in `wardwatch --help`.
COMMANDS = {
    "demo": ("app.commands.demo:demo", "A live ward in one process: nothing else is needed."),
    "run": ("app.commands.run:run", "Run programs: bridge, detectors, alerts, web, rollups, simulators."),
    "config": ("app.commands.config:config", "Check a config directory, and show the rules of a bed or a device."),
    "rules": ("app.commands.rules:rules", "Test rules on tapes and on stored readings."),
    "detect": ("app.commands.detect:detect", "Find what is strange in a file of values."),
    "models": ("app.commands.models:models", "Train models of the past for the detector learned."),
    "rehearse": ("app.commands.rehearse:rehearse", "Simulate every scenario and fault once, in virtual time."),
    "device": ("app.commands.device:device", "Show how the bridge decodes what a device sends."),
    "routes": ("app.commands.routes:routes", "Show who would be notified of an alert, and why."),
    "alert": ("app.commands.alert:alert", "List, acknowledge and take over alerts."),
    "silence": ("app.commands.silence:silence", "List, add and end silences."),
    "oncall": ("app.commands.oncall:oncall", "Show who is on call now, and who is next."),
    "channel": ("app.commands.channel:channel", "Send a test message through a channel."),
    "handover": ("app.commands.handover:handover", "Show and mail what a ward hands over at a change of shift."),
    "influx": (
        "app.commands.influx:influx",
        "Create and check InfluxDB's buckets and tokens; roll up stored readings.",
    ),
    "grafana": ("app.commands.grafana:grafana", "Write the dashboards and alerting that Grafana is provisioned with."),
    "replay": ("app.commands.replay:replay", "Publish a recording as the monitor of a bed."),
    "load-test": ("app.commands.load_test:load_test", "Load a broker and a bridge with many devices."),
    "health": ("app.commands.health:health", "Show whether the programs on this machine are healthy."),
    "version": ("app.commands.version:version", "Print the version."),
}


class LazyGroup(click.Group):
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
        """List the commands of `COMMANDS`, without importing their modules."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


@click.group(cls=LazyGroup)
@click.version_option(package_name="wardwatch")
def main() -> None:
    """Watches hospital wards. Advisory: never the only alarm."""
