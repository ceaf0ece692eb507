"""Everything that can be raised on purpose.

WardwatchError
├── SettingsError        a setting is missing or wrong; the message names it
├── ConfigError          files in config/ have faults; carries every one of them
├── WireError            bytes from the log are not a message of a version we know
├── LogUnavailable       the log does not answer; the same call may succeed later
├── LogLost              a position asked for is no longer in the log; needs a human
├── BrokerUnavailable    the MQTT broker does not answer; the same call may succeed later
├── StoreUnavailable     the store does not answer or is out of room; retry for ever
├── StoreRefused         the store will never take these points as they are
└── QueryRefused         a question the store cannot answer as asked
"""

from collections.abc import Sequence


class WardwatchError(Exception):
    """The root of every error raised on purpose."""


class SettingsError(WardwatchError):
    """Raised when a setting is missing, malformed or contradicts another; the message names it."""


class ConfigError(WardwatchError):
    """Raised when a config directory has faults: `faults` holds all of them, not the first."""

    def __init__(self, faults: Sequence[object]) -> None:
        super().__init__("\n".join(str(fault) for fault in faults))
        self.faults = tuple(faults)


class WireError(WardwatchError):
    """Raised when bytes are not a message of a known version."""


class LogUnavailable(WardwatchError):
    """Raised when the log cannot be reached or does not answer in time."""


class ConsumerFailed(LogUnavailable):
    """Raised when a consumer of the log will never give anything again: another has to take its place."""


class OffsetOutOfRange(WardwatchError):
    """Raised when a committed position has been deleted from the log: going on would skip readings in silence."""


class BrokerUnavailable(WardwatchError):
    """Raised when the MQTT broker cannot be reached."""


class StoreUnavailable(WardwatchError):
    """Raised when the store cannot take anything now: away, slow, full or unauthorised. Nothing may be given up."""


class StoreRefused(WardwatchError):
    """Raised when the store will never take at least one of the points of a batch. Others may have been stored."""


class QueryRefused(WardwatchError):
    """Raised when a question to the store is wrong: unknown signal, unusable range, too many buckets."""
