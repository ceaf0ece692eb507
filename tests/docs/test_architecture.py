"""The page on architecture has every package with every room, each stage of the pipeline, and every port."""

import inspect
import re

import alerts.ports as alert_ports
import ward.ports as ward_ports
from tests.docs.pages import ROOT

PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
PACKAGES = sorted(
    path.parent.name for path in ROOT.glob("*/__init__.py") if path.parent.name not in {"tests", "benchmarks"}
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
