"""The ports: what a log, a store and a broker promise.

An adapter keeps these promises on one engine, and one contract suite (`tests/contracts`) holds
every adapter to them. Programs know the ports only.
"""

from ward.ports.broker import Broker, Message
from ward.ports.log import Batch, Consumer, Log, Partition, Receipt
from ward.ports.point_columns import PointColumns
from ward.ports.store import Curve, Event, Point, Rolled, Series, Store, Summary

__all__ = [
    "Batch",
    "Broker",
    "Consumer",
    "Curve",
    "Event",
    "Log",
    "Message",
    "Partition",
    "Point",
    "PointColumns",
    "Receipt",
    "Rolled",
    "Series",
    "Store",
    "Summary",
]
