"""The edit of the config that waits for a confirmation, asked from a running Wardwatch."""

from dataclasses import dataclass
from urllib.parse import quote

from app.api_client.client import ApiClient
from ward.ids import printable

_MOST_SHOWN = 500  # characters of a reason


@dataclass(frozen=True, slots=True)
class WaitingEditAnswer:
    """The config in force, the edit that waits (both hashes, `edit` empty without one), and why it waits."""

    in_force: str
    edit: str
    reasons: tuple[str, ...]


def waiting_edit(api: ApiClient) -> WaitingEditAnswer:
    """Raises `click.ClickException` where no Wardwatch answers."""
    found = api.get("/api/v1/config")
    try:
        reasons = tuple(printable(str(reason), _MOST_SHOWN) for reason in found["faults"])
        more = tuple(f"it would close: {printable(str(text), _MOST_SHOWN)}" for text in found["closes"])
        return WaitingEditAnswer(printable(found["hash"], 64), printable(found["waiting"], 64), (*reasons, *more))
    except (LookupError, TypeError):
        raise api.not_wardwatch() from None


def confirm_edit(api: ApiClient, edit: str, by: str, note: str) -> str:
    """Confirm an edit. Returns the effect in words. Raises `click.ClickException` when it does not wait."""
    answer = api.post(f"/api/v1/config/{quote(edit, safe='')}/confirm", {"by": by, "note": note})
    return printable(str(answer.get("effect", "")) if isinstance(answer, dict) else "", _MOST_SHOWN)
