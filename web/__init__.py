"""The web: the built-in ward screen and the HTTP API.

It uses ports only, no adapters. `model` folds the log into a read model in memory; `presentation` turns it into the
schemas of the API; `api` and `pages` answer from it and, for history, from the store; `server` listens on the port.
An action of a user is written to the log of actions; its effect is read from the log of alerts.
"""
