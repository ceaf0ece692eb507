"""The week before the demo's first start: simulated, judged, rolled up, and marked as what it is."""
