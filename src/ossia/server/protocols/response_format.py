"""The format that an answer must have, in OpenAI's words, which Anthropic's API shares.

It does not know which schemas can be enforced: that is decided when the grammar is compiled.
"""

from typing import Annotated

from msgspec import Meta

from ossia.server.http.body import Fields, Json
from ossia.server.http.wording import invalid
from ossia.types import ANY_OBJECT, ResponseFormat


class FormatSchema(Fields):
    """A schema, with the name and the description that the model reads of it."""

    name: Annotated[str | None, Meta(description="The format's name, which the model reads.")] = None
    description: Annotated[str | None, Meta(description="What the answer is, for the model.")] = None
    schema: Annotated[Json | bool | None, Meta(description="A JSON schema; of json_schema required.")] = None
    strict: Annotated[
        bool | None, Meta(description="false: what cannot be enforced is left to the model, and not refused.")
    ] = None


def openai_format(kind: str | None, schema: FormatSchema | None, path: str, schema_path: str) -> ResponseFormat | None:
    """Return the format of a type; None for text. `path` and `schema_path` are those of the format and its schema."""
    match kind:
        case None | "text":
            return None
        case "json_object" if schema is None or schema.schema is None:
            return ANY_OBJECT
        case "json_schema" | "json_object":
            if schema is None or schema.schema is None:
                raise invalid(f"{schema_path}.schema", "is required")
            strict = schema.strict is not False
            return ResponseFormat(schema.schema, schema.name or "response", schema.description or "", strict)
        case _:
            raise invalid(f"{path}.type", "must be text, json_object or json_schema")
