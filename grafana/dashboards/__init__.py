"""One file a dashboard, each with `dashboard(config)`."""
