"""The state of each bed at one instant, computed from the read model. `web.presentation` formats it for the API."""
