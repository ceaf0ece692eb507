"""Notification policies: contact points and mute timings that exist, and no end notified that nobody proved."""

from collections.abc import Iterator
from typing import Any

from grafana.alerting.policies import KNOWN_ENDS
from grafana.validation.problem import ProblemKind
from grafana.validation.provisioning_tree import KeyPath, ProvisioningTree


def check_policies(tree: ProvisioningTree) -> None:
    """Every policy of the tree."""
    notifies_ends = {
        str(point.get("name")).replace("$$", "$"): any(
            not integration.get("disableResolveMessage") and integration.get("type") != "prometheus-alertmanager"
            for integration in point.get("receivers") or ()
            if isinstance(integration, dict)
        )
        for _, _, point in tree.entries("alerting/contact-points.yaml", "contactPoints")
    }
    timings = {str(timing.get("name")) for _, _, timing in tree.entries("alerting/mute-timings.yaml", "muteTimes")}
    for file, path, root in tree.entries("alerting/policies.yaml", "policies"):
        if root.get("object_matchers") or root.get("mute_time_intervals"):
            message = "the root policy takes every alert: it has no matchers and no mute timings"
            tree.add(file, path, ProblemKind.ROOT_HAS_MATCHERS, message)
        for here, policy, known_end in _policies(path, root, False):
            for kind, message in _policy_problems(policy, known_end, notifies_ends, timings):
                tree.add(file, here, kind, message)


def _policies(path: KeyPath, policy: dict[str, Any], known_end: bool) -> Iterator[tuple[KeyPath, dict[str, Any], bool]]:
    """Each policy, and whether only alerts reach it whose end Grafana can know."""
    known_end = known_end or KNOWN_ENDS in (policy.get("object_matchers") or ())
    yield path, policy, known_end
    for i, child in enumerate(policy.get("routes") or ()):
        if isinstance(child, dict):
            yield from _policies((*path, "routes", i), child, known_end)


def _policy_problems(
    policy: dict[str, Any], known_end: bool, notifies_ends: dict[str, bool], timings: set[str]
) -> Iterator[tuple[ProblemKind, str]]:
    receiver = str(policy.get("receiver")).replace("$$", "$")
    if receiver not in notifies_ends:
        yield ProblemKind.UNKNOWN_RECEIVER, f"no contact point is named {receiver!r}"
    elif notifies_ends[receiver] and not known_end:
        message = f"{receiver!r} is notified of ends here, where Grafana counts a missing series as resolved"
        yield ProblemKind.UNPROVED_END, message
    for timing in policy.get("mute_time_intervals") or ():
        if str(timing).replace("$$", "$") not in timings:
            yield ProblemKind.UNKNOWN_MUTE_TIMING, f"no mute timing is named {timing!r}"
