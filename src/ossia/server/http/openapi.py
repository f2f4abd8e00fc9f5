"""GET /openapi.json: the routes of the application and their types, as an OpenAPI 3.1 document.

Nothing is listed here: the document is generated from the types with which requests are decoded.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from http import HTTPStatus
from typing import Annotated, Any

from msgspec import Meta, Struct
from msgspec.json import schema_components
from starlette.applications import Starlette
from starlette.routing import BaseRoute

import ossia
from ossia.aside import aside
from ossia.errors import BodyTooLarge, OssiaError, RequestTimeout, ServerBusy, TooManyRequests, Unauthorized
from ossia.json_values import is_list, is_object
from ossia.server.http.body import Json, NoBody
from ossia.server.http.endpoint import Call, EndpointRoute
from ossia.server.http.operation import Operation
from ossia.server.http.stream import JSON, to_json

Schema = dict[str, Any]

_ABOUT = """Fields that are not listed are accepted and ignored, and null is the same as absent. Bodies are read as
JSON whatever their Content-Type is. The schema of a stream is that of one line or one event. Every answer has an
id for the log, in its headers `x-request-id` and `request-id`."""
_KEY: Schema = {
    "bearer": {"type": "http", "scheme": "bearer"},
    "x-api-key": {"type": "apiKey", "in": "header", "name": "x-api-key"},
}
"""The two ways to send an API key, if one is needed."""
_PARAMETER = re.compile(r"\{(\w+)(?::\w+)?\}")


class OpenAPI(Struct):
    openapi: Annotated[str, Meta(description="The version of OpenAPI.")]
    info: Annotated[Json, Meta(description="Name and version of the server.")]
    paths: Annotated[Json, Meta(description="The routes.")]
    components: Annotated[Json, Meta(description="The types, by name.")]
    security: Annotated[list[Json], Meta(description="The ways to send an API key, of which none may be needed.")]


DOCUMENT = Operation("This document", NoBody, response=OpenAPI, right="open")


LENGTH = 150_000
"""Characters of the document, about: it takes a tenth of a second, so it is made aside, and once."""


async def answer(call: Call[NoBody]) -> None:
    await call.reply.body(await aside(LENGTH, _encoded, call.request.app), JSON)


@lru_cache(1)
def _encoded(app: Starlette) -> bytes:
    return to_json(document(app.routes))


def document(routes: Iterable[BaseRoute]) -> Schema:
    """Return the OpenAPI document of the routes that lead to endpoints."""
    described = [route for route in routes if isinstance(route, EndpointRoute)]
    types = list(dict.fromkeys(kind for route in described for kind in _types(route)))
    schemas, components = schema_components(types, ref_template="#/components/schemas/{name}")
    by_type = dict(zip(types, map(_plain, schemas), strict=True))
    paths: dict[str, Schema] = {}
    for route in described:
        path = _PARAMETER.sub(r"{\1}", route.path)
        paths.setdefault(path, {})[route.described.method.lower()] = _operation(route, by_type)
    return {
        "openapi": "3.1.0",
        "info": {"title": "ossia", "version": ossia.__version__, "description": _ABOUT},
        "paths": paths,
        "components": {"schemas": _plain(components), "securitySchemes": _KEY},
        "security": [{}, *({name: []} for name in _KEY)],
    }


def _types(route: EndpointRoute) -> list[Any]:
    """Return all types of the route's JSON."""
    operation = route.described.operation
    types = (operation.request, operation.response, operation.chunk, route.api.error_type)
    return [kind for kind in types if kind not in (None, bytes, NoBody) and not isinstance(kind, str)]


def _operation(route: EndpointRoute, by_type: Mapping[Any, Schema]) -> Schema:
    operation, api = route.described.operation, route.api
    described: Schema = {
        "summary": operation.summary,
        "operationId": "_".join(
            (route.described.method.lower(), *re.findall(r"\w+", _PARAMETER.sub(r"\1", route.path)))
        ),
        "tags": [api.name],
        "responses": _successes(route, by_type) | _failures(route, by_type[api.error_type]),
    }
    if parameters := [*_in_path(route.path, operation), *_in_query(operation)]:
        described["parameters"] = parameters
    if operation.request is bytes:
        described["requestBody"] = {"content": {"application/octet-stream": {}}}
    elif operation.request is not NoBody:
        described["requestBody"] = {"required": True, "content": _json(by_type[operation.request])}
    return described


def _in_path(path: str, operation: Operation[Any]) -> Iterator[Schema]:
    for name in _PARAMETER.findall(path):
        described = {"description": operation.parameters[name], "schema": {"type": "string"}}
        yield {"name": name, "in": "path", "required": True, **described}


def _in_query(operation: Operation[Any]) -> Iterator[Schema]:
    """Yield the parameters of the query. Each is absent or has a value: a query has no null."""
    if operation.query is None:
        return
    _, components = schema_components([operation.query])
    for name, field in components[operation.query.__name__]["properties"].items():
        (kind,) = (option for option in field.pop("anyOf") if option != {"type": "null"})
        yield {"name": name, "in": "query", "description": field.get("description", ""), "schema": kind}


def _successes(route: EndpointRoute, by_type: Mapping[Any, Schema]) -> Schema:
    operation, content = route.described.operation, dict[str, Schema]()
    if isinstance(operation.response, str):
        content[operation.response] = {"schema": {"type": "string"}}
    elif operation.response is not None:
        content |= _json(by_type[operation.response])
    if operation.framing is not None:  # once a stream has begun, an error is a piece of it
        piece = {"anyOf": [by_type[operation.chunk], by_type[route.api.error_type]]}
        kind = operation.framing.content_type.decode()
        content[kind] = {"schema": _event(piece) if kind == "text/event-stream" else piece}
    return {
        str(status): {"description": meaning} | ({"content": content} if content else {})
        for status, meaning in operation.successes.items()
    }


def _event(data: Schema) -> Schema:
    """Return the schema of a server-sent event, in the form that OpenAPI has since 3.2."""
    text = {"type": "string", "contentMediaType": "application/json", "contentSchema": data}
    return {"type": "object", "properties": {"event": {"type": "string"}, "data": text}, "required": ["data"]}


def _failures(route: EndpointRoute, error: Schema) -> Schema:
    """Return the error responses. Any route may fail because of a bug, or refuse a caller."""
    operation = route.described.operation
    of_its_body = () if operation.request is NoBody else (BodyTooLarge, RequestTimeout, ServerBusy, TooManyRequests)
    of_its_right = () if operation.right == "open" else (Unauthorized,)
    kinds = (OssiaError, *of_its_body, *of_its_right, *operation.raises)
    content = {} if route.described.method == "HEAD" else {"content": _json(error)}
    refused: Schema = {"403": {"description": "A web page, a host name or a machine that may not send this", **content}}
    return refused | {
        str(status): {"description": HTTPStatus(status).phrase, **content}
        for status in sorted({kind.status for kind in kinds} - operation.successes.keys())
    }


def _json(schema: Schema) -> Schema:
    return {"application/json": {"schema": schema}}


def _plain(schema: Any) -> Any:
    """Simplify a schema: drop an `anyOf` beside a `type`, merge alternatives of types into one list, and drop defaults
    of null, which every absent field has. A field that has one value only is described by it."""
    if is_list(schema):
        return [_plain(item) for item in schema]
    if not is_object(schema):
        return schema
    plain = {
        key: _plain(value)
        for key, value in schema.items()
        if not (key == "anyOf" and "type" in schema) and not (key == "default" and value is None)
    }
    options = plain.get("anyOf", [])
    if options and all(option.keys() == {"type"} for option in options):
        del plain["anyOf"]
        plain["type"] = list(dict.fromkeys(option["type"] for option in options))
    if len(values := plain.get("enum", ())) == 1:
        plain.setdefault("description", f"Always `{values[0]}`.")
    return plain
