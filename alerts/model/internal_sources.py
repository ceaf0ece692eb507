"""The `source` of alerts about Wardwatch itself; that of a channel that does not deliver is `ward.alert.DELIVERY`."""

from ward.alert import DELIVERY

PROGRAMS = "programs"  # a program without heartbeat or with a problem, a rejected config
REBUILT = "alerts"  # the state of the alerts was lost and rebuilt from the log
SENDERS = "senders"  # another system that posts more alerts than it may
INTERNAL_SOURCES = frozenset({SENDERS, DELIVERY, PROGRAMS, REBUILT})
