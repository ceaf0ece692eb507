"""How long readings took to each stage."""

from collections.abc import Iterator

from ward.metrics import Metrics

STAGES = {
    "log": "durable in the log", "store": "stored", "detect": "evaluated", "web": "on the screen",
    "alerts": "an alert", "sent": "given to the sender of a channel",
}  # fmt: skip


def latency_lines(metrics: Metrics) -> Iterator[str]:
    """From the arrival of a reading at the bridge to the end of each stage: p50 and p99 in ms, a line a stage."""
    buckets: dict[str, list[tuple[float, float]]] = {}
    for family in metrics.delay.collect():
        for sample in family.samples:
            if sample.name.endswith("_bucket"):
                buckets.setdefault(sample.labels["stage"], []).append((float(sample.labels["le"]), sample.value))
    for stage, text in STAGES.items():
        if stage in buckets and buckets[stage][-1][1]:
            half, most = (histogram_quantile(buckets[stage], q) for q in (0.5, 0.99))
            yield f"latency        {text:20} p50 {half * 1000:6.0f} ms   p99 {most * 1000:6.0f} ms"


def histogram_quantile(buckets: list[tuple[float, float]], q: float) -> float:
    """A quantile of a cumulative histogram, linear within a bucket, as Prometheus' `histogram_quantile`."""
    rank, low, before = q * buckets[-1][1], 0.0, 0.0
    for upper, count in buckets:
        if count >= rank and count > before:
            if upper == float("inf"):
                return low
            return low + (upper - low) * (rank - before) / (count - before)
        low, before = upper, count
    return low
