"""What the flags of a reading and the reasons of a refusal mean, and how to correct them."""

from bridge.codecs import Codec
from ward.config.codec_rule import CodecRule
from ward.reading import Flag

_SHOWN = "docs/devices.md shows it"

# Flag → its meaning, and what to do.
FLAGS = {
    Flag.UNTIMED: "the device sent no time: the time of arrival is used",
    Flag.CLOCK_AHEAD: "its time is in the future: the time of arrival is used; set the device's clock (NTP)",
    Flag.CLOCK_BEHIND: "its time is older than `timing.oldest`: the time of arrival is used; set its clock (NTP)",
    Flag.CLOCK_STEPPED: "its clock went back: the time of arrival is used; set the device's clock slowly (NTP)",
    Flag.CLOCK_SKEWED: "its clock differs by `timing.skew` or more: set it (NTP)",
    Flag.BACKLOG: "it arrives late: it is evaluated, but an alert that has already ended is not notified",
    Flag.RETAINED: "the broker had retained it: publish readings without retain",
    Flag.OUT_OF_ORDER: "a newer reading of this device arrived before it",
    Flag.WRONG_WARD: "its topic names another ward than config/ward.yaml: correct one of the two",
    Flag.REBOOTED: "the first reading after a restart of the device",
    Flag.SOURCE_CHANGED: "two devices send under this id: give each an id, or `boot`, of its own",
    Flag.STATUS: "a status message about the device: it does not show that the device measures",
    Flag.INCOMPLETE: "some of it could not be used, and is in quarantine: the rest is stored and evaluated",
}

# Reason of a refusal → what to do.
REMEDIES = {
    "topic": "add a line for it to `topics`, or let the device publish to a topic that has one",
    "size": "let the device send less at a time: a payload has 1 to 65,536 bytes",
    "version": 'let the device send the version this bridge knows: "v": 1',
    "time": "correct `format` and `zone` under `time` of its mapping, or the device's clock",
    "retained": "publish readings without retain",
    "signals": "let the device send fewer signals, or name them in config/signals.yaml",
    "devices": "add the device to config/ward.yaml, and find out what publishes under ever new ids",
    "value": "let the device send numbers for these signals, or leave them out; all else of the reading is used",
    "observation": "the config needs no change: correct what the sentence says, and send it again",
    "birth": "Sparkplug data need their births first: a running bridge asks the node for them",
}
_MAPPED = "compare the payload with the paths of this mapping"


def remedy(reason: str, rule: CodecRule | None) -> str:
    """What to do about a refusal; `rule` is the line of `topics` that matched."""
    if rule is None:
        return REMEDIES.get(reason, _SHOWN)
    if rule.mapping is not None and reason in ("schema", "value"):
        return _MAPPED
    codec = Codec.registry[rule.codec]
    if reason == "codec":
        return f"the codec {codec.name} failed: correct {_file(codec)}, or report it with this payload"
    if reason in ("syntax", "schema"):
        return (
            f"let the device send {codec.reads}: {_SHOWN}"
            if codec.reads
            else (f"compare the payload with what the codec {codec.name} reads: {_file(codec)}")
        )
    return REMEDIES.get(reason, _SHOWN)


def _file(codec: type[Codec]) -> str:
    return f"{codec.__module__.replace('.', '/')}.py"
