"""The web: the built-in ward screen and the HTTP API.

It stands on the ports only. `views` fold the log into a small picture in memory, `api` and `pages`
answer from that picture and, for history, from the store; `server` puts them on a port. What people
do goes into the log of actions; what became of it is read from the log of alerts.
"""
