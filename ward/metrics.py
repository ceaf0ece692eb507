"""All Prometheus metrics of the programs.

Each stage counts the messages that enter it and all ways in which they leave it, so the counters balance:
`received = accepted + duplicate + quarantined`, and `accepted = archived + quarantined by the archive`.
"""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from ward.joined_gauge import JoinedGauge

_DELAY_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)


class Metrics:
    """All metrics of a process, on a registry of their own. An attribute is the metric's name without its program."""

    def __init__(self) -> None:
        registry = self.registry = CollectorRegistry()
        self._add_bridge(registry)
        self._add_values(registry)
        self._add_archive(registry)
        self._add_rollups(registry)
        self._add_canary_and_dashboards(registry)
        self._add_detectors(registry)
        self._add_log(registry)
        self._add_alerts(registry)
        self._add_web(registry)
        self._add_every_program(registry)

    def _add_bridge(self, r: CollectorRegistry) -> None:
        self.readings_received = Counter(
            "wardwatch_bridge_readings_received", "Readings received from the broker, valid and invalid", registry=r
        )
        self.readings_accepted = Counter(
            "wardwatch_bridge_readings_accepted", "Readings durable in the log", registry=r
        )
        self.readings_duplicate = Counter(
            "wardwatch_bridge_readings_duplicate", "Repeated readings, not stored again", registry=r
        )
        self.messages_quarantined = Counter(
            "wardwatch_messages_quarantined",
            "Messages quarantined, by stage and reason",
            ["stage", "reason"],
            registry=r,
        )
        self.messages_ignored = Counter(
            "wardwatch_bridge_messages_ignored", "Messages on mapped topics that carry no reading", registry=r
        )
        self.acknowledgements_sent = Counter(
            "wardwatch_bridge_acknowledgements_sent", "Acknowledgements sent to devices", registry=r
        )
        self.readings_lost = Counter(
            "wardwatch_bridge_readings_lost", "Readings a device numbered but never delivered", registry=r
        )
        self.readings_flagged = Counter(
            "wardwatch_bridge_readings_flagged", "Readings with something unusual, by flag", ["flag"], registry=r
        )
        self.values_of_unknown_signals = Counter(
            "wardwatch_bridge_values_of_unknown_signals",
            "Values of signals not in the catalogue",
            ["signal"],
            registry=r,
        )
        self.unregistered_devices = JoinedGauge(
            sum, "wardwatch_bridge_unregistered_devices", "Devices the bridge remembers and ward.yaml does not have", r
        )
        self.unregistered_devices_exceeded = JoinedGauge(
            max, "wardwatch_bridge_unregistered_devices_exceeded",
            "1 for ten minutes after an unregistered device was forgotten or refused for the number of them", r,
        )  # fmt: skip
        self.devices_forgotten = Counter(
            "wardwatch_devices_forgotten",
            "Unregistered devices forgotten for the number of them, by program",
            ["program"],
            registry=r,
        )
        self.broker_up = JoinedGauge(
            min, "wardwatch_broker_up", "1 while the MQTT broker answers; 0 on a bridge without a share, too", r
        )
        self.broker_reconnects = Counter("wardwatch_broker_reconnects", "Reconnections to the broker", registry=r)
        self.broker_sessions_lost = Counter(
            "wardwatch_broker_sessions_lost", "Reconnections at which the broker had lost our session", registry=r
        )

    def _add_values(self, r: CollectorRegistry) -> None:
        """What the bridge counts of single values, and of single devices."""
        self.values_accepted = Counter(
            "wardwatch_bridge_values_accepted",
            "Values of the catalogue in accepted readings that were measured since the bridge started",
            ["signal"],
            registry=r,
        )
        self.values_quarantined = Counter(
            "wardwatch_bridge_values_quarantined",
            "Values, times and numbers in quarantine whose reading was accepted without them",
            registry=r,
        )

        self.flooding_devices = Gauge(
            "wardwatch_bridge_flooding_device_readings_per_second",
            "Readings a second of a device that sends more than it can have measured, in the last whole minute",
            ["device"],
            registry=r,
        )

        self.unknown_alarm_codes = Gauge(
            "wardwatch_bridge_unknown_alarm_code",
            "1 while a device reports an alarm of its own whose code its mapping in bridge.yaml does not have",
            ["code", "device"],
            registry=r,
        )
        self.unknown_alarm_codes_not_shown = Counter(
            "wardwatch_bridge_unknown_alarm_codes_not_shown",
            "Readings with such a code of devices beyond those that are shown",
            registry=r,
        )

    def _add_archive(self, r: CollectorRegistry) -> None:
        self.records_stored = Counter(
            "wardwatch_archive_records_stored", "Records written to the store, by topic", ["topic"], registry=r
        )
        self.store_retries = Counter(
            "wardwatch_store_retries", "Batches to be written again because the store failed", registry=r
        )
        self.store_up = Gauge("wardwatch_store_up", "1 while the store accepts batches", registry=r)

    def _add_rollups(self, r: CollectorRegistry) -> None:
        self.rollup_points_written = Counter(
            "wardwatch_rollups_points_written", "Roll-up points written, by retention policy", ["policy"], registry=r
        )
        self.rollup_minutes_recomputed = Counter(
            "wardwatch_rollups_minutes_recomputed",
            "Minutes of a device computed again because readings came late",
            registry=r,
        )
        self.rollup_oldest_pending_age = Gauge(
            "wardwatch_rollups_oldest_pending_age_seconds",
            "How long the oldest complete minute has been waiting for its roll-up",
            registry=r,
        )
        self.rollup_points_refused = Counter(
            "wardwatch_rollups_points_refused", "Roll-up points the store refused for good", registry=r
        )
        self.rollup_records_unreadable = Counter(
            "wardwatch_rollups_records_unreadable", "Records of the log the roll-ups could not read", registry=r
        )

    def _add_canary_and_dashboards(self, r: CollectorRegistry) -> None:
        """The canary, and what is written for dashboards only."""
        self.canary_readings_received = Counter(
            "wardwatch_canary_readings_received", "Test readings the bridge sent and received back", registry=r
        )
        self.canary_last_stored_age = Gauge(
            "wardwatch_canary_last_stored_age_seconds", "Time since the newest stored test reading was sent", registry=r
        )
        self.overview_snapshots = Counter(
            "wardwatch_overview_snapshots", "Snapshots for the Grafana overview, by result", ["result"], registry=r
        )
        self.day_statistics_write_failures = Counter(
            "wardwatch_day_statistics_write_failures", "Failed writes of the day statistics", registry=r
        )

    def _add_detectors(self, r: CollectorRegistry) -> None:
        self.readings_evaluated = Counter(
            "wardwatch_detectors_readings_evaluated", "Readings evaluated by the rules", registry=r
        )
        self.bed_readings = Counter("wardwatch_detectors_bed_readings_evaluated", "The same of beds", registry=r)
        self.values_out_of_order = Counter(
            "wardwatch_detectors_values_out_of_order", "Values older than one evaluated, not evaluated", registry=r
        )
        self.findings = Counter(
            "wardwatch_findings", "Findings, by rule and transition", ["rule", "transition"], registry=r
        )
        self.detector_lag = Gauge(
            "wardwatch_detectors_lag_seconds",
            "Age of the oldest reading that is not evaluated, without devices behind",
            registry=r
        )  # fmt: skip
        self.devices_behind = Gauge(
            "wardwatch_detectors_devices_behind", "Devices whose backlog waits beside what is live", registry=r
        )
        self.readings_waiting = Gauge(
            "wardwatch_detectors_readings_waiting", "Readings of these devices that wait in memory", registry=r
        )
        self.states_saved = Counter("wardwatch_detectors_states_saved", "Device states saved to the log", registry=r)
        self.states_restored = Counter(
            "wardwatch_detectors_states_restored", "Device states read at a start, by result", ["result"], registry=r
        )
        self.detector_records_unreadable = Counter(
            "wardwatch_detectors_records_unreadable", "Records of the log the detectors could not read", registry=r
        )
        self.values_too_large = Counter(
            "wardwatch_detectors_values_too_large", "Values too large to calculate with, not evaluated", registry=r
        )
        self.detector_failures = Counter(
            "wardwatch_detectors_failures",
            "Errors raised by a detector; the score is unknown",
            ["detector"],
            registry=r,
        )

    def _add_log(self, r: CollectorRegistry) -> None:
        self.consumer_lag = Gauge(
            "wardwatch_consumer_lag_records",
            "Records a consumer group has yet to process",
            ["group", "topic"],
            registry=r,
        )
        self.consumer_partition_lag = Gauge(
            "wardwatch_consumer_partition_lag_records",
            "The same, for each partition",
            ["group", "topic", "partition"],
            registry=r,
        )
        # The partitions whose lag is published, by group and topic: reading them from the gauge is slow.
        self.published_partitions: dict[tuple[str, str], frozenset[int]] = {}
        self.delay = Histogram(
            "wardwatch_delay_seconds",
            "Time from the bridge receiving a reading until a stage has processed it",
            ["stage"],
            buckets=_DELAY_BUCKETS,
            registry=r,
        )

    def _add_alerts(self, r: CollectorRegistry) -> None:
        self.alerts = Counter("wardwatch_alerts", "Alerts started and ended", ["event"], registry=r)
        self.alerts_active = Gauge("wardwatch_alerts_active", "Active alerts, by severity", ["severity"], registry=r)
        self.alerts_unacknowledged = Gauge(
            "wardwatch_alerts_unacknowledged", "Active alerts that are not acknowledged", registry=r
        )
        self.notification_decisions = Counter(
            "wardwatch_notification_decisions", "Decisions to notify or not, by reason", ["reason"], registry=r
        )
        self.outbox_notifications = Gauge(
            "wardwatch_outbox_notifications", "Notifications waiting to be delivered", ["channel"], registry=r
        )
        self.outbox_oldest_age = Gauge(
            "wardwatch_outbox_oldest_age_seconds", "Age of the oldest waiting notification", ["channel"], registry=r
        )
        self.notification_attempts = Counter(
            "wardwatch_notification_attempts",
            "Delivery attempts at each recipient, by result",
            ["channel", "result"],
            registry=r,
        )
        self.notification_receipts = Counter(
            "wardwatch_notification_receipts",
            "Messages that a gateway accepted, by what became of them at the phone",
            ["channel", "result"],
            registry=r,
        )
        self.heartbeats_unreadable = Counter(
            "wardwatch_alerts_heartbeats_unreadable", "Heartbeats of programs the alerts could not read", registry=r
        )

    def _add_web(self, r: CollectorRegistry) -> None:
        self.http_requests = Counter(
            "wardwatch_http_requests", "HTTP requests answered, by status", ["status"], registry=r
        )
        self.ready = Gauge(
            "wardwatch_ready", "1 while an alert about a patient would reach people, counted by the web when asked",
            registry=r
        )  # fmt: skip
        self.alerts_down_notified = Gauge(
            "wardwatch_alerts_down_notified_timestamp_seconds",
            "When the web notified people that alerts does no work, until it works again; else 0", registry=r
        )  # fmt: skip
        self.web_records_unreadable = Counter(
            "wardwatch_web_records_unreadable", "Records of the log the screens could not read", ["topic"], registry=r
        )

    def _add_every_program(self, r: CollectorRegistry) -> None:
        self.disk_free = Gauge(
            "wardwatch_disk_free_bytes", "Free space on the disk of a folder that the program writes to", ["folder"],
            registry=r
        )  # fmt: skip
        self.restarts = Counter("wardwatch_restarts", "Restarts of a part that failed", ["part"], registry=r)
        self.config_last_reload_successful = Gauge(
            "wardwatch_config_last_reload_successful",
            "0 while config/ has faults and the old config is used",
            registry=r,
        )
        self.clock_set = Gauge(
            "wardwatch_clock_set_seconds",
            "By how much the server clock was set in the last ten minutes, negative for back; else 0",
            registry=r,
        )
        self.config_info = Gauge("wardwatch_config_info", "1 for the config in use, by its hash", ["hash"], registry=r)

    def samples(self) -> dict[str, float]:
        """All samples as `name{label="…"}` → value, without histogram buckets and creation times."""
        found: dict[str, float] = {}
        for family in self.registry.collect():
            for sample in family.samples:
                if sample.name.endswith(("_bucket", "_created")):
                    continue
                labels = ",".join(f'{k}="{v}"' for k, v in sorted(sample.labels.items()))
                found[f"{sample.name}{{{labels}}}" if labels else sample.name] = sample.value
        return found
