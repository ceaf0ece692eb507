"""Findings as points of `findings`."""

from collections.abc import Iterable

from ward.clock import SECOND
from ward.finding import Finding, Transition
from ward.ports import Point, Series
from ward.tag_text import tag_text


def finding_points(finding: Finding) -> Iterable[Point]:
    """A finding, at the instant of its decisive reading. Its episode is a field and no tag, since there is no bound.

    An update has none: the curve of the signal shows its value already.
    """
    if finding.transition is Transition.UPDATED:
        return ()
    series = Series.of(
        "findings",
        ward=finding.ward,
        bed=finding.bed,
        device=finding.device,
        signal=finding.signal,
        rule=tag_text(finding.rule),
        transition=finding.transition,
        severity=finding.severity,
        kind=finding.kind,
    )
    fields: dict[str, float | str] = {
        "episode": finding.episode,
        "text": finding.text,
        "onset": finding.onset / SECOND,
        "config": finding.config,
    }
    if finding.value is not None:
        fields["value"] = finding.value
    if finding.limit is not None:
        fields["limit"] = finding.limit
    if finding.worst is not None:
        fields["worst"] = finding.worst
    if finding.ended is not None:
        fields["ended"] = str(finding.ended)
    return (Point(series, finding.at, fields),)
