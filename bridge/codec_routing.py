"""Which codec decodes which topic."""

from collections.abc import Sequence
from dataclasses import dataclass

from bridge.codecs import Codec
from bridge.refusal import RefusalReason, Refused
from ward.config.codec_rule import CodecRule
from ward.ids import printable


def matches(filter_levels: Sequence[str], topic_levels: Sequence[str]) -> bool:
    """Whether an MQTT topic filter matches a topic, both split at `/`.

    `+` is one level, `#` is all that follow (also none); neither matches a topic that begins with `$` (MQTT 3.1.1,
    section 4.7).
    """
    if topic_levels and topic_levels[0].startswith("$"):
        return filter_levels[:1] == topic_levels[:1] and matches(filter_levels[1:], topic_levels[1:])
    for i, level in enumerate(filter_levels):
        if level == "#":
            return True
        if i >= len(topic_levels) or level not in ("+", topic_levels[i]):
            return False
    return len(filter_levels) == len(topic_levels)


@dataclass(frozen=True, slots=True)
class _Route:
    filter_levels: tuple[str, ...]
    codec: Codec
    rule: CodecRule


class CodecRouting:
    """The codec rules of one config, in their order: the first whose filter matches a topic decides.

    With `before`, the routing of an earlier config, the codecs of unchanged rules are taken over with what they have
    learnt from messages.
    """

    def __init__(self, rules: Sequence[CodecRule], before: "CodecRouting | None" = None) -> None:
        old: list[_Route] = before._routes if before else []
        self._routes: list[_Route] = [
            next((route for route in old if route.rule == rule), None)
            or _Route(tuple(rule.filter.split("/")), Codec.registry[rule.codec](rule.options, rule.mapping), rule)
            for rule in rules
        ]

    def device(self, topic: str) -> str:
        """The device of all readings in a topic, where the topic alone says it; empty where it does not."""
        try:
            codec, levels = self.codec(topic)
        except Refused:
            return ""
        return codec.device(levels)

    def codec(self, topic: str) -> tuple[Codec, list[str]]:
        """The codec for a topic, and the topic's levels. Raises `Refused` when no rule matches."""
        levels = topic.split("/")
        for route in self._routes:
            if matches(route.filter_levels, levels):
                return route.codec, levels
        raise Refused(RefusalReason.TOPIC, f"no codec is mapped to {printable(topic)!r}")
