"""The whole config, as programs use it: immutable, with a hash that names it."""

from dataclasses import dataclass, field

from ward.config.alerting import Alerting
from ward.config.rule import Rule
from ward.inventory import Inventory
from ward.signals import Catalogue


@dataclass(frozen=True, slots=True)
class CodecRule:
    """MQTT topics of a filter are read by a codec, with options of its own."""

    filter: str
    codec: str
    options: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Config:
    """Everything in `config/`, checked against itself. `hash` follows from the content of all files."""

    hash: str
    catalogue: Catalogue
    inventory: Inventory
    rules: tuple[Rule, ...] = ()
    alerting: Alerting = field(default_factory=Alerting)
    codecs: tuple[CodecRule, ...] = ()
