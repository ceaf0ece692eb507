"""`ward.yaml`: kinds of devices, wards with their beds, devices, and the imaging suite's loggers."""

from collections.abc import Mapping

from pydantic import Field, model_validator

from ward.config.base_model import ConfigModel, Instant, Seconds
from ward.inventory import Period


class DeviceKindEntry(ConfigModel):
    """A kind of device."""

    label: str = Field(description="its name in texts")
    signals: dict[str, Seconds] = Field({}, description="the signals each of them sends, and how often: `spo2: 2.5s`")
    silent_after: Seconds = Field(
        15.0, gt=0, description="after so long without any message such a device counts as missing"
    )


class PeriodEntry(ConfigModel):
    """A period of time, open where `since` or `until` is left out."""

    since: Instant | None = Field(None, description="from this instant on, such as 2026-11-21T15:00:00Z")
    until: Instant | None = Field(None, description="until just before this instant")

    @property
    def span(self) -> Period:
        """The period, in microseconds since 1970."""
        return Period(since=self.since, until=self.until)

    @model_validator(mode="after")
    def _forward(self) -> "PeriodEntry":
        if self.since is not None and self.until is not None and self.since >= self.until:
            raise ValueError("`until` must come after `since`")
        return self


class StayEntry(PeriodEntry):
    """A patient in a bed."""

    patient: str = Field(description="a pseudonym, never a name")


class BedEntry(ConfigModel):
    """A bed of a ward: with `patient`, or with `stays` where patients follow each other."""

    label: str = Field(description="its name in texts: ICU bed 7")
    patient: str | None = Field(None, description="the pseudonym of the patient in it")
    stays: tuple[StayEntry, ...] = Field((), description="its patients and when, instead of `patient`")

    @model_validator(mode="after")
    def _exactly_one(self) -> "BedEntry":
        if self.patient is not None and self.stays:
            raise ValueError("give `patient`, or `stays`, not both")
        return self

    def all_stays(self) -> tuple[StayEntry, ...]:
        """The stays; one without end for `patient`."""
        return self.stays if self.patient is None else (StayEntry(patient=self.patient),)


class WardEntry(ConfigModel):
    """A ward."""

    name: str = Field(description="its name on screens")
    beds: dict[str, BedEntry] = Field({}, description="its beds by id; no two beds of the hospital share an id")


class AssignmentEntry(PeriodEntry):
    """A device at a bed, or at no bed of a ward."""

    bed: str | None = Field(None, description="the bed it stands at")
    ward: str | None = Field(None, description="the ward it stands in, for a device at no bed")

    @model_validator(mode="after")
    def _somewhere(self) -> "AssignmentEntry":
        if (self.bed is None) == (self.ward is None):
            raise ValueError("give `bed`, or for a device at no bed `ward`")
        return self


class DeviceEntry(ConfigModel):
    """A device: with `bed` or `ward`, or with `assignments` where it has moved."""

    device_kind: str = Field(description="its kind, of `device_kinds`")
    bed: str | None = Field(None, description="the bed it stands at")
    ward: str | None = Field(None, description="the ward it stands in, for a device at no bed")
    assignments: tuple[AssignmentEntry, ...] = Field(
        (), description="where it has stood and when, instead of `bed` or `ward`"
    )

    @model_validator(mode="after")
    def _exactly_one(self) -> "DeviceEntry":
        if (self.bed is not None) + (self.ward is not None) + bool(self.assignments) != 1:
            raise ValueError("give one of `bed`, `ward` and `assignments`")
        return self

    def all_assignments(self) -> tuple[AssignmentEntry, ...]:
        """The assignments; one without end for `bed` or `ward`."""
        return self.assignments or (AssignmentEntry(bed=self.bed, ward=self.ward),)


class ImagingSuite(ConfigModel):
    """Loggers in imaging devices, in a short form: all are of one kind and in one ward."""

    ward: str = Field(description="the ward the imaging devices are in")
    device_kind: str = Field(description="the device kind of the loggers")
    loggers: dict[str, tuple[str, ...]] = Field(
        {}, description="the ids of the loggers by imaging device: `MRI-1: [0-ZZZ12345678-01A]`"
    )


class WardFile(ConfigModel):
    """The inventory. A device that sends readings and is not in it is shown as unassigned."""

    device_kinds: dict[str, DeviceKindEntry] = Field({}, description="kinds of devices by name")
    wards: dict[str, WardEntry] = Field(description="wards by id, the second level of MQTT topics")
    devices: dict[str, DeviceEntry] = Field({}, description="devices by id, the third level of MQTT topics")
    imaging: ImagingSuite | None = Field(None, description="humidity loggers of imaging devices")

    def beds(self) -> Mapping[str, tuple[str, BedEntry]]:
        """All beds with their wards."""
        return {bed: (ward, entry) for ward, w in self.wards.items() for bed, entry in w.beds.items()}
