"""The web: the built-in ward screen and the HTTP API."""
