"""The page on architecture has every package with every room, each stage of the pipeline, and every port."""

import inspect
import re
import tomllib

import alerts.ports as alert_ports
import ward.ports as ward_ports
from tests.docs.pages import ROOT

PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
PACKAGES = sorted(
    path.parent.name
    for path in ROOT.glob("*/__init__.py")
    if path.parent.name not in {"tests", "benchmarks", "quality"}
)


def row(package: str) -> str:
    return next(line for line in PAGE.splitlines() if line.startswith(f"| [`{package}`]"))


def test_every_package_has_a_row_with_all_its_rooms() -> None:
    assert len(PACKAGES) == 10
    for package in PACKAGES:
        *_, rooms, _ = row(package).split("|")
        real = {path.parent.name for path in (ROOT / package).glob("*/__init__.py")}
        described = set(re.findall(r"`(\w+)`", rooms))
        assert described >= real, f"{package}: not described"
        assert all((ROOT / package / room).is_dir() for room in described), f"{package}: not there"


def test_the_stages_stand_in_their_order() -> None:
    from alerts.stages import __doc__ as stages

    order = re.search(r"chain: ([\w, \n]+)\.", str(stages))
    assert order
    assert " → ".join(order[1].replace("\n", " ").split(", ")) in PAGE


def test_every_port_is_named() -> None:
    for ports in (ward_ports, alert_ports):
        for path in sorted((ROOT / inspect.getfile(ports)).parent.glob("*.py")):
            for name in re.findall(r"^class (\w+)\(Protocol", path.read_text(encoding="utf-8"), re.M):
                assert f"`{name}`" in PAGE, name


# Folders of like files, of which a new one is no change elsewhere, or which import each other freely.
FLAT = frozenset(
    [
        "alerts.ports",
        "app.api_client",
        "app.backtests",
        "app.commands",
        "app.config_tools",
        "app.console",
        "app.devices",
        "app.reference",
        "app.routing",
        "app.rule_tests",
        "app.runtime",
        "app.settings",
        "app.simulated_past",
        "bridge.codecs",
        "bridge.sparkplug",
        "bridge.store_points",
        "detectors",
        "grafana.alerting.rules",
        "grafana.dashboards",
        "grafana.layout",
        "grafana.panels",
        "grafana.queries",
        "grafana.schema",
        "grafana.validation",
        "simulators.device_client",
        "simulators.devices",
        "simulators.faults",
        "simulators.live",
        "simulators.load",
        "simulators.patients",
        "simulators.recordings",
        "simulators.scenarios",
        "simulators.scripts",
        "ward.adapters.memory",
        "ward.config.rule_building",
        "ward.config.schema",
        "web.alertmanager",
        "web.api",
        "web.board",
        "web.model",
        "web.overview",
        "web.presentation",
        "web.schemas",
    ]
)


def test_every_package_has_an_exhaustive_contract_or_is_one_of_like_files() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    assert sorted(settings["root_packages"]) == PACKAGES
    exhaustive = {name for c in settings["contracts"] if c.get("exhaustive") for name in c["containers"]}
    packages = {
        ".".join(path.parent.relative_to(ROOT).parts)
        for top in PACKAGES
        for path in (ROOT / top).glob("**/__init__.py")
        if len([*path.parent.glob("*.py")]) > 2
    }
    assert packages - exhaustive == FLAT
