"""Sets up InfluxDB (buckets, retention, tokens), and compares it with the plan and with `schema.md`."""
