"""The route tree: which receivers an alert is for."""
