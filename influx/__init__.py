"""InfluxDB's side: what is in the store (`schema.md`), how it comes there, and whether it still is as we left it."""
