"""A step of `alerts` with 100 silences by regular expression over 5,000 active alerts, beside one without silences.

    python -m benchmarks.alert_silences

In each step one alert changes, as when a patient's value crosses a limit: what the step costs is what the notification
of that alert waits for. In CPU time, since others use the machine too.
"""

from collections.abc import Iterator
from itertools import count
from statistics import median

from msgspec import structs

from alerts.model.now import Now
from alerts.model.timed_silence import TimedSilence
from alerts.model.tracked_alert import TrackedAlert
from alerts.pipeline import stages
from alerts.routing.alert_routes import RouteCache
from alerts.stages.batch import AlertBatch, BatchItem
from alerts.stages.inhibition_roles import InhibitionRoles
from alerts.stages.silence_matches import SilenceMatches
from app.console.cli_context import config_of
from benchmarks.resource_usage import ResourceUsage, UsageMeter
from benchmarks.result import ROUNDS, BenchmarkResult, middle
from benchmarks.tables import print_results
from ward.alert import Alert
from ward.clock import SECOND, SystemClock
from ward.config.config import Config
from ward.finding import Kind, Severity
from ward.matcher import Matcher
from ward.silence import Silence

ALERTS, SILENCES, STEPS = 5000, 100, 20


def tracked(n: int, at: int) -> TrackedAlert:
    """An alert of another system, as they are posted by the thousand."""
    labels = {
        "alertname": f"HostProblem{n % 40}", "severity": "low", "kind": "technical", "source": "external",
        "instance": f"host-{n:05}.rack-{n % 90:02}.hospital.test:9100", "job": "node", "team": f"team-{n % 7}",
    }  # fmt: skip
    alert = Alert(
        id=f"a{n}", labels=labels, annotations={"summary": "x"}, severity=Severity.LOW, kind=Kind.TECHNICAL,
        starts_at=at, updated_at=at, source="external",
    )  # fmt: skip
    return TrackedAlert(alert=alert, tracked_since=at, changed_at=at, unacknowledged_since=at)


def silence(n: int, now: Now) -> TimedSilence:
    """One that mutes a fiftieth of the alerts of one rack."""
    matchers = (
        Matcher.parse(f'instance=~"host-.*[05]{n % 10}\\\\.rack-{n % 90:02}\\\\..*"'),
        Matcher.parse('alertname=~"Host.*"'),
    )
    return TimedSilence.of(
        Silence(id=f"s{n}", matchers=matchers, starts_at=now.wall, ends_at=now.wall + 86_400 * SECOND, by="it",
                comment="racks are moved", updated_at=now.wall),
        now,
    )  # fmt: skip


def steps(config: Config, silences: int, at: int) -> Iterator[None]:
    """One step after the other, each with one alert that changed."""
    open_alerts = {f"a{n}": tracked(n, at) for n in range(ALERTS)}
    active = tuple(silence(n, Now(at, at)) for n in range(silences))
    routes, matches, roles = RouteCache(config.alerting), SilenceMatches(), InhibitionRoles()
    for n in count():
        changed = f"a{n % ALERTS}"
        alert = open_alerts[changed].alert
        severe = structs.replace(alert, labels={**alert.labels, "severity": "medium"}, severity=Severity.MEDIUM)
        open_alerts[changed] = structs.replace(open_alerts[changed], alert=severe)
        now = Now(at + n * SECOND, at + n * SECOND)
        stages(
            AlertBatch(
                now=now, config=config, routes=routes, silences=active, silence_matches=matches,
                inhibition_roles=roles,
                items=tuple(BatchItem(tracked=one) for one in open_alerts.values()),
            )
        )  # fmt: skip
        yield


def cost(config: Config, silences: int, at: int) -> ResourceUsage:
    """Of a step, after the first one."""
    running = steps(config, silences, at)
    next(running)
    meter = UsageMeter()
    for _ in range(STEPS):
        next(running)
    return meter.cost(STEPS)


def run() -> list[BenchmarkResult]:
    """The table's row."""
    at = SystemClock().now()
    config = config_of(None, at)
    pairs = [(cost(config, SILENCES, at), cost(config, 0, at)) for _ in range(ROUNDS)]
    ratios = [without.cpu / with_silences.cpu for with_silences, without in pairs]
    return [
        BenchmarkResult(
            name=f"a step of {ALERTS:,} alerts with {SILENCES} regex silences, CPU", value=median(ratios), wanted=0.5,
            each=ratios, ours=middle([ours for ours, _ in pairs]), beside="the same without silences",
            theirs=middle([without for _, without in pairs]),
        )
    ]  # fmt: skip


if __name__ == "__main__":
    print_results(run())
