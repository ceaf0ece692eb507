"""The whole config, as programs use it: immutable, with a hash that names it."""

from dataclasses import dataclass, field

from ward.clock import Micros
from ward.config.alerting import Alerting
from ward.config.clock_limits import ClockLimits
from ward.config.codec_rule import CodecRule
from ward.config.rule import Rule
from ward.config.yaml.fault import Fault
from ward.inventory import Inventory
from ward.signals import Catalogue


@dataclass(frozen=True, slots=True)
class Config:
    """Everything in `config/`, checked against itself.

    `hash` follows from what the files say, not from how it is laid out, and from which overrides
    have expired. `root` is the first level of our own MQTT topics. `warnings` do not keep the config
    from ruling, but people should see them. `expires` is when the next override ends: the files mean
    something else from then on.
    """

    hash: str
    catalogue: Catalogue
    inventory: Inventory
    rules: tuple[Rule, ...] = ()
    alerting: Alerting = field(default_factory=Alerting)
    codecs: tuple[CodecRule, ...] = ()
    root: str = "ward"
    timing: ClockLimits = field(default_factory=ClockLimits)
    warnings: tuple[Fault, ...] = ()
    expires: Micros | None = None
