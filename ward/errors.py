"""All exceptions that Wardwatch raises on purpose.

WardwatchError
├── SettingsError        a setting is missing or wrong; the message names it
├── ConfigError          files in config/ have faults; `faults` holds all of them
├── InputError           a file of values cannot be used; the message says where and what to do
├── WireError            bytes from the log are not a message of a known version
├── LogUnavailable       the log does not answer; the same call may succeed later
├── ProducerFenced       another process sends under this name now
├── OffsetOutOfRange     a position is no longer in the log; a person must decide
├── BrokerUnavailable    the MQTT broker does not answer; the same call may succeed later
├── StoreUnavailable     the store does not answer or is full; the same call may succeed later
├── StoreRefused         the store never accepts these points
└── QueryRefused         a query that the store cannot answer
"""

from collections.abc import Sequence


class WardwatchError(Exception):
    """The base class of all exceptions of Wardwatch."""


class SettingsError(WardwatchError):
    """Raised when a setting is missing, malformed or contradicts another; the message names it."""


class ConfigError(WardwatchError):
    """Raised when a config directory has faults; `faults` holds all of them."""

    def __init__(self, faults: Sequence[object]) -> None:
        super().__init__("\n".join(str(fault) for fault in faults))
        self.faults = tuple(faults)


class InputError(WardwatchError):
    """Raised when a file of values cannot be read or written; the message names the place, and what to do."""


class WireError(WardwatchError):
    """Raised when bytes are not a message of a known version."""


class LogUnavailable(WardwatchError):
    """Raised when the log cannot be reached or does not answer in time."""


class ConsumerFailed(LogUnavailable):
    """Raised when a consumer of the log has failed for good and must be replaced by a new one."""


class ProducerFenced(WardwatchError):
    """Raised when a newer transactional producer of the same name is in force: this process must not go on sending."""


class OffsetOutOfRange(WardwatchError):
    """Raised when the records at a position were deleted from the log: reading on would skip records unnoticed."""


class BrokerUnavailable(WardwatchError):
    """Raised when the MQTT broker cannot be reached."""


class StoreUnavailable(WardwatchError):
    """Raised when the store cannot be used now (away, slow, full, unauthorised). Points must be written again later."""


class StoreRefused(WardwatchError):
    """Raised when the store never accepts at least one point of a batch. Other points may have been stored."""


class QueryRefused(WardwatchError):
    """Raised for an invalid query: unknown signal, unusable range, too many buckets."""
