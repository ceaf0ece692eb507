"""`python -m benchmarks.virtual_time`: how fast a ward of twenty beds passes in virtual time."""

from collections.abc import Iterator

import click

from simulators.scripts.script import load_script
from simulators.virtual_ward import VirtualWard
from ward.clock import ManualClock, SystemClock
from ward.inventory import Assignment, Bed, Device, Inventory

BEDS = 20
DAY = 86_400.0


def _ward() -> VirtualWard:
    beds = [Bed(id=f"bed-{i}", ward="w", label=f"Bed {i}") for i in range(1, BEDS + 1)]
    devices = [
        Device(id=f"mon-{bed.id}", device_kind="bedside_monitor", assignments=(Assignment(ward="w", bed=bed.id),))
        for bed in beds
    ]
    return VirtualWard(Inventory(beds=beds, devices=devices), load_script(), ManualClock())


def _counted(kind: str, seconds: float) -> Iterator[int]:
    if kind == "arrays":
        yield from (batch.at.size for batch in _ward().batches(seconds))
    elif kind == "readings":
        yield from (1 for _ in _ward().readings(seconds))
    else:
        yield from (1 for _ in _ward().payloads(seconds))


@click.command()
@click.option("--days", default=1.0, show_default=True, help="Of arrays; readings and payloads get an eighth of it.")
def main(days: float) -> None:
    """Print rates, and how long 21 days would take."""
    clock = SystemClock()
    for kind, part in (("arrays", 1.0), ("readings", 0.125), ("payloads", 0.125)):
        begun = clock.monotonic()
        count = sum(_counted(kind, days * part * DAY))
        took = clock.monotonic() - begun
        click.echo(f"{kind:9} {count / took:12,.0f} a second; 21 days in {took * 21 / (days * part):6.1f} s")


if __name__ == "__main__":
    main()
