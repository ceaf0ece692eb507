"""Every number we publish about ourselves, in one place.

Each stage counts what came in and every way a thing can go on, so that the counters balance:
`received = accepted + duplicate + quarantined`, and `accepted = archived + quarantined later`.
"""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

_LATENCY = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)


class Metrics:
    """All metrics of a process, on a registry of their own."""

    def __init__(self) -> None:
        r = self.registry = CollectorRegistry()
        self._bridge(r)
        self.archived = Counter("wardwatch_archived", "Records stored, by topic", ["topic"], registry=r)
        self.store_retries = Counter("wardwatch_store_retries", "Batches the store could not take yet", registry=r)
        self.store_up = Gauge("wardwatch_store_up", "1 while the store takes batches", registry=r)
        self._rollups(r)
        self._kept(r)
        self._detectors(r)
        self.lag = Gauge("wardwatch_lag", "Records in the log not yet dealt with", ["group", "topic"], registry=r)
        self.lag_partition = Gauge(
            "wardwatch_lag_partition", "The same for each partition", ["group", "topic", "partition"], registry=r
        )
        # Of a group and a topic, the partitions whose lag is published: reading it from the gauge is slow.
        self.lag_published: dict[tuple[str, str], frozenset[int]] = {}
        self.delay = Histogram(
            "wardwatch_delay_seconds",
            "From the bridge's sight of a reading until a stage is done with it",
            ["stage"],
            buckets=_LATENCY,
            registry=r,
        )
        self._alerts(r)
        self.requests = Counter("wardwatch_http_requests", "HTTP requests answered, by status", ["status"], registry=r)
        self.web_unreadable = Counter(
            "wardwatch_web_unreadable", "Records of the log the screens could not read", ["topic"], registry=r
        )
        self.restarts = Counter("wardwatch_restarts", "Times a part died and was started again", ["part"], registry=r)
        self.reload_ok = Gauge(
            "wardwatch_config_last_reload_successful", "0 while config/ has faults and the old config rules", registry=r
        )
        self.config = Gauge("wardwatch_config_info", "1 for the config in force, by its hash", ["hash"], registry=r)

    def _bridge(self, r: CollectorRegistry) -> None:
        self.received = Counter("wardwatch_bridge_received", "Readings taken from the broker, good and bad", registry=r)
        self.accepted = Counter("wardwatch_bridge_accepted", "Readings durable in the log", registry=r)
        self.duplicates = Counter("wardwatch_bridge_duplicates", "Repeated readings removed", registry=r)
        self.quarantined = Counter(
            "wardwatch_quarantined", "Messages set aside, by stage and reason", ["stage", "reason"], registry=r
        )
        self.passed = Counter(
            "wardwatch_bridge_passed", "Messages on mapped topics that are meant for others than us", registry=r
        )
        self.acked = Counter("wardwatch_bridge_acked", "Acknowledgements sent to devices", registry=r)
        self.lost = Counter("wardwatch_bridge_lost", "Readings a device counted but never delivered", registry=r)
        self.flagged = Counter("wardwatch_bridge_flagged", "Readings with something odd, by flag", ["flag"], registry=r)
        self.unknown_signals = Counter(
            "wardwatch_bridge_unknown_signals", "Values of signals not in the catalogue", ["signal"], registry=r
        )
        self.link_up = Gauge("wardwatch_broker_up", "1 while the MQTT broker answers", registry=r)
        self.reconnects = Counter("wardwatch_broker_reconnects", "Connections to the broker made anew", registry=r)
        self.sessions_lost = Counter(
            "wardwatch_broker_sessions_lost", "Reconnects at which the broker had forgotten our session", registry=r
        )

    def _alerts(self, r: CollectorRegistry) -> None:
        self.alerts = Counter("wardwatch_alerts", "Alerts begun and ended", ["event"], registry=r)
        self.active = Gauge("wardwatch_alerts_active", "Alerts active now, by severity", ["severity"], registry=r)
        self.unacked = Gauge("wardwatch_alerts_unacknowledged", "Active alerts nobody has", registry=r)
        self.decisions = Counter(
            "wardwatch_notification_decisions", "What was decided about telling, and why", ["reason"], registry=r
        )
        self.outbox = Gauge("wardwatch_outbox", "Notices waiting, by channel", ["channel"], registry=r)
        self.outbox_age = Gauge("wardwatch_outbox_age_seconds", "Age of the oldest one", ["channel"], registry=r)
        self.notified = Counter(
            "wardwatch_notices", "Attempts to deliver, by result", ["channel", "result"], registry=r
        )
        self.alerts_unreadable = Counter(
            "wardwatch_alerts_unreadable", "Pulses of programs that the alerts could not read", registry=r
        )

    def _rollups(self, r: CollectorRegistry) -> None:
        self.rolled = Counter(
            "wardwatch_rollups_points", "Points of roll-ups written, by policy", ["policy"], registry=r
        )
        self.rolled_late = Counter(
            "wardwatch_rollups_again", "Minutes of devices rolled again because readings came late", registry=r
        )
        self.rollups_age = Gauge(
            "wardwatch_rollups_age_seconds", "Since when the oldest minute that is over waits to be rolled", registry=r
        )
        self.rollups_refused = Counter(
            "wardwatch_rollups_refused", "Points of roll-ups the store will never take", registry=r
        )
        self.rollups_unreadable = Counter(
            "wardwatch_rollups_unreadable", "Records of the log the roll-ups could not read", registry=r
        )

    def _kept(self, r: CollectorRegistry) -> None:
        """What is written for dashboards only, and the canary."""
        self.canaries = Counter("wardwatch_canaries", "Test readings of our own that the bridge had back", registry=r)
        self.canary_age = Gauge(
            "wardwatch_canary_age_seconds", "How long ago the newest test reading was sent that is stored", registry=r
        )
        self.wall = Counter(
            "wardwatch_wall_snapshots", "Snapshots for the dashboard on the wall, by result", ["result"], registry=r
        )
        self.days_refused = Counter(
            "wardwatch_days_refused", "Times the days of devices and wards could not be kept", registry=r
        )

    def _detectors(self, r: CollectorRegistry) -> None:
        self.judged = Counter("wardwatch_detectors_readings", "Readings judged", registry=r)
        self.late = Counter("wardwatch_detectors_late", "Values older than one judged before, not judged", registry=r)
        self.findings = Counter("wardwatch_findings", "Findings, by rule and edge", ["rule", "edge"], registry=r)
        self.checkpoints = Counter("wardwatch_detectors_checkpoints", "Device states saved", registry=r)
        self.restored = Counter(
            "wardwatch_detectors_restored", "Device states read back, by what became of them", ["result"], registry=r
        )
        self.unreadable = Counter(
            "wardwatch_detectors_unreadable", "Records of the log that detectors could not read", registry=r
        )
        self.unusable = Counter(
            "wardwatch_detectors_unusable", "Values too large to calculate with, not judged", registry=r
        )
        self.detector_faults = Counter(
            "wardwatch_detectors_faults",
            "Times a detector failed and its score was not known",
            ["detector"],
            registry=r,
        )

    def numbers(self) -> dict[str, float]:
        """All samples as `name{label="…"}` → value, without histogram buckets and creation times."""
        found: dict[str, float] = {}
        for family in self.registry.collect():
            for sample in family.samples:
                if sample.name.endswith(("_bucket", "_created")):
                    continue
                labels = ",".join(f'{k}="{v}"' for k, v in sorted(sample.labels.items()))
                found[f"{sample.name}{{{labels}}}" if labels else sample.name] = sample.value
        return found
