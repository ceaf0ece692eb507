"""The sentences of answers to a request that was taken: what will be, where nothing else prevents it."""

from ward.action import ActionType
from ward.text_template import TextKind, TextTemplate


def _effect(text: str, /, **example: str) -> TextTemplate:
    return TextTemplate(TextKind.EFFECT, text, **example)


_ALERT = {"alert": "ICU bed 7: desaturation", "by": "Nurse Ada"}
OF_ACTIONS = {
    ActionType.ACKNOWLEDGE: _effect(
        "{alert} will be acknowledged by {by}; it holds once the screen shows it.", **_ALERT
    ),
    ActionType.TAKE_OVER: _effect("{alert} will be taken over by {by}; it holds once the screen shows it.", **_ALERT),
    ActionType.SEEN: _effect("{alert} will be recorded as seen by {by}, not acknowledged.", **_ALERT),
    ActionType.UNACKNOWLEDGE: _effect(
        "{alert} will be un-acknowledged by {by}; it holds once the screen shows it.", **_ALERT
    ),
}  # fmt: skip
SILENCED = _effect(
    "{alert} is silenced by {by} until {time}, unless its severity rises or it is raised again. The screens still show "
    "it.", **_ALERT, time="14:20:00 CET",
)  # fmt: skip
SILENCE_ENDED = _effect(
    "The silence of {by} has ended: its active alerts are notified again, unless acknowledged or muted otherwise.",
    by="Nurse Ada",
)  # fmt: skip
CONFIRMED = _effect(
    "Edit {edit} is confirmed by {by}: programs take it within seconds, and a banner says which one refuses it.",
    edit="4f1d2a90c3be", by="Nurse Ada",
)  # fmt: skip
HANDOVER = _effect(
    "Mail with the handover of {ward} to {receivers} is asked for: the pipeline page shows whether its channels "
    "deliver.", ward="Intensive care", receivers="reports",
)  # fmt: skip
OBSERVED = _effect(
    "Saved for {bed}, observed by {by} at {time}: {values}. Scores take it within seconds.", bed="ICU bed 7",
    by="Nurse Ada", time="14:02:15 CET", values="Consciousness 0, Oxygen 2 L/min",
)  # fmt: skip
MORE_STORED = TextTemplate(
    TextKind.NOTE,
    "Not all are listed: only the newest {count} changes are read. Choose one ward, or a shorter time.", count="2,000",
)  # fmt: skip
