"""The `source` of alerts about Wardwatch itself; those of channels and schedules are in `ward.alert`."""

from ward.alert import DELIVERY, ON_CALL

PROGRAMS = "programs"  # a program without heartbeat or with a problem, a rejected config
REBUILT = "alerts"  # the state of the alerts was lost and rebuilt from the log
SENDERS = "senders"  # another system that posts more alerts than it may
INTERNAL_SOURCES = frozenset({ON_CALL, SENDERS, DELIVERY, PROGRAMS, REBUILT})
