"""The ports: what a log, a store, a broker, a device's link and a notifier promise.

An adapter keeps these promises on one engine, and one contract suite (`tests/contracts`) holds
every adapter to them. Programs know the ports only.
"""

from ward.ports.broker import Broker, Link, Message
from ward.ports.columns import Columns
from ward.ports.log import Batch, Consumer, Log, Partition, Receipt
from ward.ports.notifier import Delivery, Notice, Notifier
from ward.ports.store import Curve, Event, Point, Rolled, Series, Store, Summary

__all__ = [
    "Batch",
    "Broker",
    "Columns",
    "Consumer",
    "Curve",
    "Delivery",
    "Event",
    "Link",
    "Log",
    "Message",
    "Notice",
    "Notifier",
    "Partition",
    "Point",
    "Receipt",
    "Rolled",
    "Series",
    "Store",
    "Summary",
]
