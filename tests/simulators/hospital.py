"""A small hospital for tests: wards, beds, monitors, patients, and loggers."""

from simulators.devices.imaging_devices import imaging_loggers
from ward.inventory import Assignment, Bed, Device, DeviceKind, Inventory, Stay, Ward


def hospital(beds: int = 4, loggers: int = 0) -> Inventory:
    ids = [f"icu-{i:02}" for i in range(1, beds + 1)]
    return Inventory(
        wards=[Ward(id="icu", name="Intensive care"), Ward(id="imaging", name="Imaging")],
        beds=[Bed(id=bed, ward="icu", label=f"ICU bed {i}") for i, bed in enumerate(ids, 1)],
        device_kinds=[DeviceKind(name="bedside_monitor", label="Bedside monitor")],
        devices=[
            *(
                Device(id=f"mon-{bed}", device_kind="bedside_monitor", assignments=(Assignment(ward="icu", bed=bed),))
                for bed in ids
            ),
            *imaging_loggers(loggers),
        ],
        stays=[Stay(patient=f"p-{bed}", bed=bed) for bed in ids[:-1]],
    )
