"""The channels of a running Wardwatch: addresses are in its environment, not in that of a command."""

from collections.abc import Mapping
from dataclasses import dataclass

from app.api_client.client import ApiClient
from ward.ids import printable


@dataclass(frozen=True, slots=True)
class RunningChannels:
    """The hash of the config in force, and of each of its channels whether it has an address."""

    config: str
    addresses: Mapping[str, bool]


def running_channels(api: ApiClient) -> RunningChannels:
    """Raises `click.ClickException` where no Wardwatch answers."""
    found = api.get("/api/v1/config/channels")
    try:
        addresses = {str(channel["name"]): bool(channel["address"]) for channel in found["channels"]}
        return RunningChannels(printable(str(found["config"]), 64), addresses)
    except (LookupError, TypeError):
        raise api.not_wardwatch() from None
