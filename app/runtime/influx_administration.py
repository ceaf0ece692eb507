"""Administration of the InfluxDB that the settings name: what differs from the plan, and what is unknown."""

import os
from dataclasses import replace
from pathlib import Path

from app.settings.config_reader import config_reader
from app.settings.loader import config_variables
from app.settings.settings import Settings
from influx.admin import InfluxAdmin
from influx.admin_v1 import InfluxAdminV1
from influx.plan import Admin, Change, changes
from influx.schema_check import unexpected
from ward.adapters.factory import influx_settings
from ward.adapters.influx.store import InfluxStore
from ward.clock import SystemClock

NAME = "WARDWATCH_STORE_URL"


class InfluxAdministration:
    """Uses the administrator's token when one is set, else that of our programs. Raises `SettingsError`.

    `unexpected` needs the config of the settings, for its signals, and raises `ConfigError` when that has faults.
    """

    def __init__(self, settings: Settings, tokens: Path | None) -> None:
        found = influx_settings(settings.store_url, NAME, settings.secrets)
        found = replace(found, token=settings.store_admin_token.get_secret_value() or found.token)
        variables = {**config_variables(os.environ), **settings.environment}
        self._read_config = config_reader(settings.config, variables)
        self._bucket = found.bucket
        self._tokens = (tokens or settings.data) if found.version == 2 else None
        self._admin: Admin = InfluxAdmin(found) if found.version == 2 else InfluxAdminV1(found)
        self._store = InfluxStore(found)

    def changes(self) -> list[Change]:
        """What differs from the plan; each change can be applied."""
        return list(changes(self._admin, self._store, self._bucket, self._tokens))

    def unexpected(self) -> list[str]:
        """What exists there and is not in `influx/schema.md`."""
        policies = self._admin.policies()
        signals = self._read_config(SystemClock().now()).catalogue
        return unexpected({policy: self._store.fields(policy) for policy in policies}, signals)

    def close(self) -> None:
        self._store.close()
        self._admin.close()
