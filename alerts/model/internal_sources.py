"""The `source` of alerts about Wardwatch itself; those that screens treat by it are in `ward.alert`."""

from ward.alert import DELIVERY, ON_CALL, REBUILT

PROGRAMS = "programs"  # a program without heartbeat or with a problem, a rejected config
SENDERS = "senders"  # another system that posts more alerts than it may
INTERNAL_SOURCES = frozenset({ON_CALL, SENDERS, DELIVERY, PROGRAMS, REBUILT})
