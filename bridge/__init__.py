"""The bridge: MQTT → log → store.

`intake` acknowledges to a device after the log did; `archive` commits to the log after the store did.
"""
