"""What every config model is: frozen, strict about keys, and able to read spans such as `15s` or `21d`."""

import re
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict

_UNITS = {"ms": 0.001, "s": 1, "m": 60, "min": 60, "h": 3600, "d": 86400, "w": 604800}
_SPAN = re.compile(r"(?:\d+(?:\.\d+)?(?:ms|min|s|m|h|d|w))+", re.ASCII)
_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|min|s|m|h|d|w)", re.ASCII)


class Model(BaseModel):
    """Frozen; an unknown key is an error; a number is not made from a string."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=False, allow_inf_nan=False, populate_by_name=True)


def seconds(text: object) -> object:
    """`90s`, `1h30m`, `21d` → seconds. Anything that is not such a string is left to pydantic."""
    if not isinstance(text, str):
        if isinstance(text, int | float) and not isinstance(text, bool) and text != 0:
            raise ValueError("a span needs its unit, such as 15s, 5m, 2h or 21d")
        return text
    if _SPAN.fullmatch(text) is None:
        raise ValueError("not a span such as 15s, 5m, 1h30m or 21d")
    return sum(float(amount) * _UNITS[unit] for amount, unit in _PART.findall(text))


# A span of time, written with its unit in config and held in seconds.
Seconds = Annotated[float, BeforeValidator(seconds)]
