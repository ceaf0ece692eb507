"""What the alerts need from outside, with its guarantees; `app.runtime` passes the adapters in."""
