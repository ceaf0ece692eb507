"""What is odd about a reading, or why there is none, and where to change what: for people who bring a device."""

from ward.reading import Flag

# Flag → what is odd, and what to do about it.
FLAGS = {
    Flag.UNTIMED: "the device sent no time: the time of arrival is used",
    Flag.CLOCK_AHEAD: "its time lies in the future: the time of arrival is used; set the device's clock (NTP)",
    Flag.CLOCK_BEHIND: "its time is older than `timing.oldest`: the time of arrival is used; set its clock (NTP)",
    Flag.CLOCK_STEPPED: "its clock went back: the time of arrival is used; set the device's clock slowly (NTP)",
    Flag.CLOCK_SKEWED: "its clock runs, but is off by `timing.skew` or more: set it (NTP)",
    Flag.BACKLOG: "it comes late: judged, and nobody is paged for what is over",
    Flag.RETAINED: "the broker had kept it: publish readings without retain",
    Flag.OUT_OF_ORDER: "a later one of this device was here before it",
    Flag.MISPLACED: "it is published for another ward than config/ward.yaml has the device in: correct one of the two",
    Flag.REBOOTED: "the first reading after a new start of the device",
    Flag.STATUS: "a word about the device, not of it: no sign that it measures",
}

# Reason of a refusal → what to do, and of which file.
REMEDIES = {
    "topic": "give `topics` a line for it, or have the device publish to a topic that has one",
    "size": "have the device send less at a time: a payload has 1 to 65,536 bytes",
    "syntax": "have the device send JSON in UTF-8, each key once, numbers finite; what it sends is not",
    "version": 'have the device send the version this bridge knows: "v": 1',
    "shape": "have the device send what this codec reads: docs/devices.md shows it",
    "time": "correct `format` and `zone` under `time` of its mapping, or the device's clock",
    "retained": "publish readings without retain",
    "signals": "have the device send fewer signals, or name them in config/signals.yaml",
    "birth": "Sparkplug data need their births first: a running bridge asks the node for them",
    "codec": "the codec failed: mend its file in bridge/codecs/, or report it with this payload",
}
MAPPED = "compare the payload with the paths of this mapping"
