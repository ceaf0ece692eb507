"""A receiver that the route tree selects for an alert."""

import msgspec


class RouteMatch(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One receiver of an alert, the alert group it belongs to there, and the intervals of the route.

    `channels` and `send_resolved` are the receiver's when the route was computed. `group` is the key of the alert
    group. `escalated` says that the receiver was added because nobody had acknowledged, `mute` names the mute times
    of the route. `on_call` is the receiver of the config whose schedule decides who this is: `receiver` is then a
    person, as `on_call (ada)`. The others are seconds; a `repeat_interval` or `remind_interval` of 0 is never.
    """

    receiver: str
    channels: tuple[str, ...]
    group: str
    group_wait: float
    group_interval: float
    repeat_interval: float
    remind_interval: float = 0.0
    send_resolved: bool = True
    escalated: bool = False
    on_call: str = ""
    mute: tuple[str, ...] = ()
