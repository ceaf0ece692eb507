"""The OpenAPI document of the API."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from ward import __version__
from web.api.responses import ERROR_SCHEMA

_ABOUT = "Watches hospital wards. Advisory: never the only alarm. Times are RFC 3339, durations and ages are seconds."


def describe(app: FastAPI) -> dict[str, Any]:
    """The document in OpenAPI 3.0, which our Swagger UI supports, with our schema of errors instead of FastAPI's."""
    if app.openapi_schema is None:
        schema = get_openapi(
            title="Wardwatch", version=__version__, openapi_version="3.0.3", description=_ABOUT, routes=app.routes
        )
        for path in schema["paths"].values():
            for operation in path.values():
                operation["responses"].pop("422", None)
        schemas = schema["components"]["schemas"]
        schemas["Error"] = ERROR_SCHEMA
        for name in ("HTTPValidationError", "ValidationError"):
            schemas.pop(name, None)
        app.openapi_schema = _to_3_0(schema)
    return app.openapi_schema


def _to_3_0(node: Any) -> Any:
    """Convert a node of OpenAPI 3.1: a type `null` becomes the flag `nullable`."""
    if isinstance(node, list):
        return [_to_3_0(item) for item in node]
    if not isinstance(node, dict):
        return node
    converted = {key: _to_3_0(value) for key, value in node.items()}
    choices = converted.get("anyOf", [])
    if {"type": "null"} not in choices:
        return converted
    rest = [choice for choice in choices if choice != {"type": "null"}]
    del converted["anyOf"]
    if len(rest) == 1 and "$ref" not in rest[0]:
        return {**rest[0], **converted, "nullable": True}
    return {**converted, ("allOf" if len(rest) == 1 else "anyOf"): rest, "nullable": True}
