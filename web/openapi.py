"""The API's description of itself."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from ward import __version__
from web.api.responses import ERROR_SCHEMA

_ABOUT = "Watches hospital wards. Advisory: never the only alarm. Times are RFC 3339, spans and ages are seconds."


def describe(app: FastAPI) -> dict[str, Any]:
    """OpenAPI 3.0, which the Swagger UI we ship can draw, with our own shape of refusals instead of FastAPI's."""
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
        app.openapi_schema = _older(schema)
    return app.openapi_schema


def _older(node: Any) -> Any:
    """3.1 says "or null" as one more type, 3.0 with a flag beside the type."""
    if isinstance(node, list):
        return [_older(item) for item in node]
    if not isinstance(node, dict):
        return node
    made = {key: _older(value) for key, value in node.items()}
    choices = made.get("anyOf", [])
    if {"type": "null"} not in choices:
        return made
    rest = [choice for choice in choices if choice != {"type": "null"}]
    del made["anyOf"]
    if len(rest) == 1 and "$ref" not in rest[0]:
        return {**rest[0], **made, "nullable": True}
    return {**made, ("allOf" if len(rest) == 1 else "anyOf"): rest, "nullable": True}
