"""The whole config, as programs use it: immutable, identified by a hash."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ward.clock import Micros
from ward.config.alerting import Alerting
from ward.config.clock_limits import ClockLimits
from ward.config.codec_rule import CodecRule
from ward.config.rule import Rule
from ward.config.yaml.fault import ConfigFault
from ward.inventory import Inventory
from ward.signals import Catalogue


@dataclass(frozen=True, slots=True)
class Config:
    """All settings of a config directory, checked.

    `hash` depends on the content of the files, not on their layout, and on which overrides have expired. `root` is the
    first level of our own MQTT topics. `warnings` do not stop the config from being used. `expires` is when the next
    override ends (microseconds since 1970), None when none does. `contents` are those of the files by name, as plain
    data without the values of variables.
    """

    hash: str
    catalogue: Catalogue
    inventory: Inventory
    rules: tuple[Rule, ...] = ()
    alerting: Alerting = field(default_factory=Alerting)
    codecs: tuple[CodecRule, ...] = ()
    root: str = "ward"
    timing: ClockLimits = field(default_factory=ClockLimits)
    warnings: tuple[ConfigFault, ...] = ()
    expires: Micros | None = None
    contents: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @property
    def bed_signals(self) -> frozenset[str]:
        """The signals that rules evaluate for the patient in a bed, whatever devices stand there."""
        return frozenset(part for rule in self.rules if rule.scope == "bed" for part in rule.parts)
