"""Cross checks of `alerts.yaml`: receivers, channels and labels that exist."""

from collections.abc import Callable, Iterator
from pathlib import Path as File

from ward.config.alerting import Alerting, Channel, Escalation, Inhibition, Matcher, Route
from ward.config.checks.mute_times import check_mute_times
from ward.config.checks.on_call import check_on_call
from ward.config.checks.reports import check_reports
from ward.config.known_names import NOT_AN_ID, KnownNames
from ward.config.schema.alerts_file import NAMED
from ward.config.yaml.document import Document, KeyPath
from ward.config.yaml.fault_collector import FaultCollector
from ward.config.yaml.validation import ValidatedFile
from ward.finding import Kind, Severity
from ward.ids import is_id, printable

# The labels of our own alerts. An alert that another system posts may have others, so those are a warning only.
LABELS = (
    "alertname", "severity", "kind", "ward", "bed", "patient_id", "device_id", "metric", "program", "channel",
    "notifier", "schedule", "sender_severity",
)  # fmt: skip
CheckUrl = Callable[[str], str | None]


def check_alerting(
    validated_file: ValidatedFile[Alerting],
    written: Document,
    names: KnownNames,
    folder: File,
    check_url: CheckUrl | None,
    faults: FaultCollector,
) -> None:
    """Adds faults of unknown or unused receivers and channels, and of matchers that can never match.

    `written` is the document as it is in the file, with channels and receivers by name.
    """
    alerting, document = validated_file.model, validated_file.document
    channels, receivers = ([name for name, _ in written.names(key)] for key in ("channels", "receivers"))
    for key in NAMED:
        for name, path in written.names(key):
            if not is_id(name):
                faults.add(written, path, f"'{printable(name, 64)}' {NOT_AN_ID}", key=True)
    for i, channel in enumerate(alerting.channels):
        _check_channel(channel, ("channels", i), document, folder, check_url, faults)
    for i, receiver in enumerate(alerting.receivers):
        for j, name in enumerate(receiver.channels):
            if name not in channels:
                faults.unknown(document, ("receivers", i, "channels", j), "channel", name, channels)
    if alerting.link_keys and not (alerting.signing_keys and alerting.external_url):
        missing = "no key of `link_keys` is set" if alerting.external_url else "`external_url` is empty"
        words = f"{missing}: links in notifications open the ward screen, and do not acknowledge"
        faults.add(document, ("link_keys",), words, key=True, warning=True)
    used = set(_check_route(alerting.route, ("route",), document, names, receivers, faults))
    check_mute_times(alerting, document, written, faults)
    used |= set(check_reports(alerting, document, written, receivers, faults))
    check_on_call(alerting, document, written, channels, faults)
    if alerting.route.receiver is None:
        faults.add(document, ("route",), "the root route has no receiver: alerts no other route takes would go nowhere")
    for i, inhibition in enumerate(alerting.inhibit):
        _check_inhibition(inhibition, ("inhibit", i), document, names, faults)
    latch: tuple[Matcher, ...] = getattr(alerting, "latch", ())
    for i, matcher in enumerate(latch):
        _check_matcher(matcher, ("latch", i), document, names, faults)
    for i, name in enumerate(receiver.name for receiver in alerting.receivers):
        if name not in used:
            words = f"no route or report leads to receiver '{printable(name, 64)}'"
            faults.add(document, ("receivers", i), words, key=True, warning=True)
    used_channels = {name for receiver in alerting.receivers for name in receiver.channels}
    used_channels |= {name for person in alerting.people for name in person.channels}
    for i, name in enumerate(channel.name for channel in alerting.channels):
        if name not in used_channels:
            words = f"no receiver or person uses channel '{printable(name, 64)}'"
            faults.add(document, ("channels", i), words, key=True, warning=True)


def _check_channel(
    channel: Channel,
    path: KeyPath,
    document: Document,
    folder: File,
    check_url: CheckUrl | None,
    faults: FaultCollector,
) -> None:
    if channel.url_file is not None and not (folder / channel.url_file).is_file():
        words = (
            f"there is no file '{printable(channel.url_file, 100)}': until there is one, this channel notifies nobody"
        )
        faults.add(document, (*path, "url_file"), words, warning=True)
    urls = [secret.get_secret_value() for secret in channel.urls]
    if not any(urls) and channel.url_file is None:
        words = f"channel '{printable(channel.name, 64)}' has no address: it notifies nobody"
        faults.add(document, path, words, key=True, warning=True)
    if channel.is_webhook and (channel.url_file or not all(url.startswith("webhook") for url in urls if url)):
        words = "a webhook needs a channel of its own: its messages are JSON, and not for people"
        faults.add(document, (*path, "urls"), words)
    if any(url.startswith("sms-gateway") for url in urls) and not channel.max_characters:
        words = "an SMS gateway without max_characters: long notifications cost several SMS; 160 is one, 306 are two"
        faults.add(document, path, words, key=True, warning=True)
    for i, url in enumerate(urls):
        problem = check_url(url) if url and check_url else None
        if problem:
            # The address may hold a password: the message does not quote it.
            faults.add(document, (*path, "urls", i), f"not an address anything can be sent to: {printable(problem)}")


def _check_route(
    route: Route, path: KeyPath, document: Document, names: KnownNames, receivers: list[str], faults: FaultCollector
) -> Iterator[str]:
    """The receivers of a route and its children."""
    if route.receiver is not None:
        yield route.receiver
        if route.receiver not in receivers:
            faults.unknown(document, (*path, "receiver"), "receiver", route.receiver, receivers)
    for i, label in enumerate(route.group_by or ()):
        _check_label(label, (*path, "group_by", i), document, faults)
    for i, matcher in enumerate(route.matchers):
        _check_matcher(matcher, (*path, "matchers", i), document, names, faults)
    for i, step in enumerate(route.escalate or ()):
        yield step.receiver
        if step.receiver not in receivers:
            faults.unknown(document, (*path, "escalate", i, "receiver"), "receiver", step.receiver, receivers)
    _check_escalation(route.escalate or (), (*path, "escalate"), document, faults)
    for i, child in enumerate(route.routes):
        yield from _check_route(child, (*path, "routes", i), document, names, receivers, faults)


def _check_escalation(steps: tuple[Escalation, ...], path: KeyPath, document: Document, faults: FaultCollector) -> None:
    for i in range(1, len(steps)):
        if steps[i].after <= steps[i - 1].after:
            faults.add(document, (*path, i, "after"), "`after` must be longer than that of the step before it")


def _check_inhibition(
    inhibition: Inhibition, path: KeyPath, document: Document, names: KnownNames, faults: FaultCollector
) -> None:
    for side in ("source", "target"):
        matchers: tuple[Matcher, ...] = getattr(inhibition, side)
        for i, matcher in enumerate(matchers):
            _check_matcher(matcher, (*path, side, i), document, names, faults)
        if not matchers:
            faults.add(document, (*path, side), f"`{side}` without a matcher is every alert: name at least one label")
    for i, label in enumerate(inhibition.equal):
        _check_label(label, (*path, "equal", i), document, faults)


def _check_matcher(
    matcher: Matcher, path: KeyPath, document: Document, names: KnownNames, faults: FaultCollector
) -> None:
    _check_label(matcher.label, path, document, faults)
    known = {
        "alertname": names.alert, "severity": frozenset(map(str, Severity)), "kind": frozenset(map(str, Kind)),
        "ward": names.ward, "bed": names.bed, "patient_id": names.patient, "metric": names.signal,
    }.get(matcher.label)  # fmt: skip
    # An unregistered device is in no inventory, and its id with it: device_id may be anything.
    if known is None:
        return
    what = {"alertname": "alert", "patient_id": "patient", "metric": "signal"}.get(matcher.label, matcher.label)
    if matcher.op in ("=~", "!~"):
        wanted = Matcher(matcher.label, "=~", matcher.value)
        if not any(wanted.matches({matcher.label: value}) for value in ("", *known)):
            words = f"no {what} of this config matches '{printable(matcher.value, 64)}'"
            faults.add(document, path, words, warning=True)
    elif matcher.value and matcher.value not in known:
        faults.unknown(document, path, what, matcher.value, known, warning=matcher.label == "alertname")


def _check_label(label: str, path: KeyPath, document: Document, faults: FaultCollector) -> None:
    # In Alertmanager `group_by: [...]` stands for no grouping.
    if label not in (*LABELS, "..."):
        faults.unknown(document, path, "label", label, LABELS, warning=True)
