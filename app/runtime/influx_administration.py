"""The InfluxDB of the settings, for those who look after it."""

from dataclasses import replace
from pathlib import Path

from app.settings.settings import Settings
from influx.admin import InfluxAdmin
from influx.admin_v1 import InfluxAdminV1
from influx.inspection import strange
from influx.plan import Admin, Change, changes
from ward.adapters.factory import influx_settings
from ward.adapters.influx.store import InfluxStore

NAME = "WARDWATCH_STORE_URL"


class InfluxAdministration:
    """With the administrator's token where one is set, else with that of our programs. Raises `SettingsError`."""

    def __init__(self, settings: Settings, tokens: Path | None) -> None:
        found = influx_settings(settings.store_url, NAME, settings.secrets)
        found = replace(found, token=settings.store_admin_token.get_secret_value() or found.token)
        self._bucket = found.bucket
        self._tokens = (tokens or settings.data) if found.version == 2 else None
        self._admin: Admin = InfluxAdmin(found) if found.version == 2 else InfluxAdminV1(found)
        self._store = InfluxStore(found)

    def changes(self) -> list[Change]:
        """What differs and can be mended."""
        return list(changes(self._admin, self._store, self._bucket, self._tokens))

    def strange(self) -> list[str]:
        """What is there and `influx/schema.md` does not know."""
        there = self._admin.policies()
        return strange({policy: self._store.fields(policy) for policy in there})

    def close(self) -> None:
        self._store.close()
        self._admin.close()
