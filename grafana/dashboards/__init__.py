"""The dashboards, one in each module, which has a function `dashboard(config)`."""
