"""The bridge: MQTT → log → time-series store.

`intake` acknowledges messages to devices after the log has them; `archive` commits log positions after the store has
the points; `canary` measures the time from end to end.
"""
