"""What a person is shown of a trained model: what it was learned from, and its expected false alerts."""

from collections.abc import Iterator
from typing import Any

from app.training.held_out import HeldOut
from app.training.model_trainer import TrainedModel
from ward.clock import SECOND, format_instant, format_span


def lines(name: str, file: str, trained: TrainedModel) -> Iterator[str]:
    """The lines about one model."""
    content, edges = trained.content, trained.edges
    windows = content["windows"]
    counts = [window["vectors"] for window in windows]
    yield f"{name}: {content['trained_on']}"
    yield (
        f"  learned from {len(windows)} windows of {format_span(edges[1] - edges[0])}, {_at(edges[0])} to "
        f"{_at(edges[-2])}: {min(counts)} to {max(counts)} courses each"
    )
    yield f"  held out {_at(edges[-2])} to {_at(edges[-1])}: {_held_out(trained.held_out)}"
    yield f"  model {content['hash'][:8]}, of data {content['data_hash'][:8]}: {file}"


def data(name: str, file: str, trained: TrainedModel) -> dict[str, Any]:
    """The same as JSON data."""
    found = trained.held_out
    held_out = None if found is None else {
        "courses": found.courses, "unusual": found.unusual, "device_days": found.days, "alerts": found.alerts,
        "alerts_a_day": found.alerts_a_day, "alerts_a_day_from": found.bounds[0], "alerts_a_day_to": found.bounds[1],
    }  # fmt: skip
    summary = {key: value for key, value in trained.content.items() if key != "windows"}
    return {"name": name, "file": file, **summary, "share": trained.share, "held_out": held_out}


def rule_lines(name: str, models: dict[str, TrainedModel], *, each: bool) -> list[str]:
    """A rule with the models, as it stands in `detectors.yaml`; with `each` every device has its own."""
    if not models:
        return []
    first, trained = next(iter(models.items()))
    content = trained.content
    lines = [
        "the rule in detectors.yaml:", f"  {name}:", "    detector: learned",
        f"    label: {content['signal']} course unusual", "    kind: technical", f"    signals: [{content['signal']}]",
        f"    every: {content['every']}", f"    model: {first}",
    ]  # fmt: skip
    if trained.share is not None:
        lines.append(f"    share: {trained.share}")
    if not each:
        return lines
    devices = {model: model.removeprefix(f"{name}-") for model in models}
    lines += [f"    where: {{device: [{', '.join(devices.values())}]}}", "    overrides:"]
    for model, device in list(devices.items())[1:]:
        share = "" if models[model].share is None else f", share: {models[model].share}"
        lines += [
            f"      - where: {{device: {device}}}", f"        set: {{model: {model}{share}}}",
            "        why: learned from its own past", "        by: WHO IS RESPONSIBLE",
        ]  # fmt: skip
    return lines


def _held_out(found: HeldOut | None) -> str:
    if found is None:
        return "no courses, so that nothing is known of its false alerts"
    alerts = sum(found.alerts.values())
    low, high = found.bounds
    words = (
        f"{found.unusual} of {found.courses} courses unusual in all windows; {alerts} alert{'s'[: alerts != 1]} in "
        f"{found.days:.3g} days of devices. If all was well then, expect {found.alerts_a_day:.2g} false alerts a "
        f"device a day (95 %: {low:.2g} to {high:.2g})"
    )
    most = max(found.alerts, key=lambda each: found.alerts[each], default="")
    return f"{words}; most of them {most}: {found.alerts[most]}" if most and len(found.alerts) > 1 else words


def _at(seconds: float) -> str:
    return format_instant(round(seconds * SECOND))
