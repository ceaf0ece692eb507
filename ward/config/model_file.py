"""A model file: what the detector `learned` knows of the past, as `wardwatch models train` writes it."""

import hashlib
import json
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from ward.config.base_model import ConfigModel, Instant, Seconds

# The folder of model files in the config folder. A rule names a file without its folder and its ending.
FOLDER, SUFFIX = "models", ".json"
# The key of a rule that names a model.
MODEL = "model"
FORMAT = 1
FEWEST_LAGS, MOST_LAGS, FEWEST_WINDOWS, MOST_WINDOWS = 2, 16, 2, 12
SHOWN_DIGITS = 8
_NOT_HASHED = {"hash", "name"}

Numbers = tuple[float, ...]
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class ModelWindow(ConfigModel):
    """What was learned from one span of the past. A vector u is as far from it as √(mean((axes · (u − centre))²))."""

    from_: Instant = Field(alias="from", description="the beginning of the span")
    until: Instant = Field(description="its end, which is not part of it")
    vectors: int = Field(ge=1, description="how many vectors it was learned from")
    centre: Numbers = Field(description="the mean vector")
    axes: tuple[Numbers, ...] = Field(description="the principal components, each divided by its standard deviation")
    limit: float = Field(gt=0, description="the distance that the share `quantile` of the vectors does not exceed")


class ModelFile(ConfigModel):
    """All windows of one model, with what they were learned from. `name` is that of the file, and not in it."""

    format: Literal[1] = Field(description="the version of this format")
    name: str = Field("", description="set when it is read")
    signal: str = Field(min_length=1, description="the signal it was learned from")
    unit: str = Field(description="the unit of its values")
    every: Seconds = Field(gt=0, description="the length of the means it was learned from, in seconds")
    lags: int = Field(ge=FEWEST_LAGS, le=MOST_LAGS, description="how many changes make a vector")
    quantile: float = Field(gt=0.5, lt=1, description="the share of the vectors within the limit of their window")
    windows: tuple[ModelWindow, ...] = Field(max_length=MOST_WINDOWS, description="one for each span")
    data_hash: Digest = Field(description="the SHA-256 of the means it was learned from")
    trained_on: str = Field(max_length=200, description="what these were")
    trained_by: str = Field(max_length=200, description="the program that trained it")
    trained_at: Instant = Field(description="when")
    hash: Digest = Field(description="the SHA-256 of all of this but the hash itself")

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.hash != self.content_hash():
            raise ValueError(
                "its hash is not that of its content: the file was changed or damaged after the training; train it "
                "again with `wardwatch models train`"
            )
        if len(self.windows) < FEWEST_WINDOWS:
            raise ValueError(f"windows: there must be at least {FEWEST_WINDOWS}, as all of them must agree")
        for number, window in enumerate(self.windows, 1):
            if len(window.centre) != self.lags or [len(axis) for axis in window.axes] != [self.lags] * self.lags:
                raise ValueError(f"window {number}: the centre and each of the axes must have {self.lags} numbers")
            if window.from_ >= window.until:
                raise ValueError(f"window {number}: its end must be later than its beginning")
        return self

    def content_hash(self) -> str:
        """The hash that the content must have."""
        content = self.model_dump(mode="json", by_alias=True, exclude=_NOT_HASHED)
        return hashlib.sha256(json.dumps(content, sort_keys=True, separators=(",", ":")).encode()).hexdigest()

    def without(self, window: ModelWindow) -> Self:
        """The same model without one of its windows, of which it must have more than the fewest."""
        others = self.model_copy(update={"windows": tuple(one for one in self.windows if one is not window)})
        return others.model_copy(update={"hash": others.content_hash()})

    @property
    def short_hash(self) -> str:
        """The beginning of the hash, as people see it."""
        return self.hash[:SHOWN_DIGITS]


def with_hash(content: Mapping[str, Any]) -> dict[str, Any]:
    """The content of a model file with its hash. Raises pydantic's `ValidationError` for what is no model."""
    draft = _Draft.model_validate({**content, "hash": "0" * 64})
    found = {**content, "hash": draft.content_hash()}
    ModelFile.model_validate(found)
    return found


class _Draft(ModelFile):
    """A model that has no hash yet."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        return self
