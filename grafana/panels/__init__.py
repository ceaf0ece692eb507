"""What the dashboards are composed of: panels, their colours, thresholds, units and transformations."""
