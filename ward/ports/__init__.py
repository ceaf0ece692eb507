"""The ports: the interfaces of log, store and broker, with their guarantees.

An adapter implements a port on one engine, and one suite of contract tests (`tests/contracts`) runs for all adapters.
Programs import the ports only.
"""

from ward.ports.broker import Broker, Message
from ward.ports.log import (
    Addressed,
    Batch,
    Consumer,
    Log,
    OnRevoke,
    Ownership,
    Partition,
    Receipt,
    TransactionalProducer,
)
from ward.ports.point_columns import PointColumns
from ward.ports.series_columns import SeriesColumns
from ward.ports.store import Curve, Point, RollupBucket, Row, Series, Store, Summary

__all__ = [
    "Addressed",
    "Batch",
    "Broker",
    "Consumer",
    "Curve",
    "Log",
    "Message",
    "OnRevoke",
    "Ownership",
    "Partition",
    "Point",
    "PointColumns",
    "Receipt",
    "RollupBucket",
    "Row",
    "Series",
    "SeriesColumns",
    "Store",
    "Summary",
    "TransactionalProducer",
]
