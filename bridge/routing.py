"""Which codec reads which topic."""

from collections.abc import Sequence
from dataclasses import dataclass

from bridge.codecs import Codec
from bridge.decoded_reading import RefusalReason, Refused
from ward.config.config import CodecRule
from ward.ids import printable


def matches(levels: Sequence[str], topic: Sequence[str]) -> bool:
    """MQTT's own rule: `+` is one level, `#` is all that follow; neither matches a topic that begins with `$`."""
    if topic and topic[0].startswith("$"):
        return levels[:1] == topic[:1] and matches(levels[1:], topic[1:])
    for i, level in enumerate(levels):
        if level == "#":
            return True
        if i >= len(topic) or level not in ("+", topic[i]):
            return False
    return len(levels) == len(topic)


@dataclass(frozen=True, slots=True)
class _Branch:
    levels: tuple[str, ...]
    codec: Codec
    rule: CodecRule


class Routing:
    """The first rule whose filter matches decides."""

    def __init__(self, rules: Sequence[CodecRule], before: "Routing | None" = None) -> None:
        """With `before`, codecs whose rules are the same go on with what they have learnt."""
        old: list[_Branch] = before._branches if before else []
        self._branches: list[_Branch] = [
            next((branch for branch in old if branch.rule == rule), None)
            or _Branch(tuple(rule.filter.split("/")), Codec.registry[rule.codec](rule.options, rule.mapping), rule)
            for rule in rules
        ]
        self.filters = [rule.filter for rule in rules]

    def codec(self, topic: str) -> tuple[Codec, list[str]]:
        """The codec for a topic, and the topic's levels. Raises `Refused` where there is none."""
        levels = topic.split("/")
        for branch in self._branches:
            if matches(branch.levels, levels):
                return branch.codec, levels
        raise Refused(RefusalReason.TOPIC, f"no codec is mapped to {printable(topic)!r}")
