"""Tools as gpt-oss was trained to see them: TypeScript declarations generated from JSON schemas.

The result is exactly what openai-harmony 0.0.8 writes, including its oddities: only the first line of a property's
description is a comment, alternatives in an array have no parentheses, and a nested object's description appears twice.
This module knows nothing of messages or tokens and never rejects a schema: what it cannot express is `any`.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from ossia.json_values import as_list, as_object, is_list
from ossia.types import Tool

_Schema = Mapping[str, Any]


def functions_section(tools: Iterable[Tool]) -> str:
    """Return the developer message's section of tools: the namespace `functions`, with the tools in order."""
    return f"# Tools\n\n{namespace('functions', '', tools)}"


def namespace(name: str, description: str, tools: Iterable[Tool]) -> str:
    """Return the declaration of a namespace, with its tools in order."""
    comment = "".join(f"// {line}\n" for line in _lines(description))
    declarations = "".join(f"{_declaration(tool)}\n\n" for tool in tools)
    return f"## {name}\n\n{comment}namespace {name} {{\n\n{declarations}}} // namespace {name}"


def type_of(schema: object, indent: str = "") -> str:
    """Return the TypeScript type of a JSON schema."""
    schema = as_object(schema)
    if is_list(variants := schema.get("oneOf")):
        return "".join(_variant(as_object(variant), indent) for variant in variants)
    if names := [name for name in as_list(schema.get("type")) if isinstance(name, str)]:
        return " | ".join("number" if name == "integer" else name for name in names)
    match schema.get("type"):
        case "object":
            return _object(schema, indent)
        case "array":
            return type_of(schema["items"], indent) + "[]" if "items" in schema else "Array<any>"
        case "string":
            members = [f'"{member}"' for member in as_list(schema.get("enum")) if isinstance(member, str)]
            return " | ".join(members) or "string"
        case "number" | "integer":
            return "number"
        case "boolean":
            return "boolean"
        case _:
            return "any"


def _declaration(tool: Tool) -> str:
    comment = "".join(f"// {line}\n" for line in [*_lines(tool.description), *_grammar_lines(tool)])
    argument = "" if tool.parameters is None else f"_: {type_of(tool.parameters)}"
    if tool.takes_text:
        argument = "_: string"
    return f"{comment}type {tool.name} = ({argument}) => any;"


def _grammar_lines(tool: Tool) -> list[str]:
    """Return comment lines with a text tool's grammar: not in OpenAI's format, but the model would have to guess it."""
    if tool.grammar is None:
        return []
    return [f"The text is in this language ({tool.grammar.syntax}):", *tool.grammar.definition.splitlines()]


def _object(schema: _Schema, indent: str) -> str:
    properties = as_object(schema.get("properties"))
    required = {name for name in as_list(schema.get("required")) if isinstance(name, str)}
    comment = _comment(_text(schema, "description"), indent)
    members = (
        _property(name, as_object(member), "" if name in required else "?", indent)
        for name, member in properties.items()
    )
    return f"{comment}{{\n{''.join(members)}{indent}}}"


def _property(name: str, schema: _Schema, optional: str, indent: str) -> str:
    title, description = _text(schema, "title"), _text(schema, "description")
    heading = "" if title is None else f"{indent}// {title}\n{indent}//\n"
    if is_list(variants := schema.get("oneOf")):
        return heading + _examples(schema, indent) + _alternatives(name, schema, variants, optional, indent)
    if "oneOf" not in schema:
        heading += _comment(description, indent)
    default = f" // {_default(schema)}" if "default" in schema and "oneOf" not in schema else ""
    kind = _nullable(schema, type_of(schema, indent + "    "))
    return f"{heading}{_examples(schema, indent)}{indent}{name}{optional}: {kind},{default}\n"


def _alternatives(name: str, schema: _Schema, variants: list[Any], optional: str, indent: str) -> str:
    """Render a property with `oneOf`: one line per variant, followed by its description."""
    schemas = [as_object(variant) for variant in variants]
    description = _text(schema, "description")
    above = description is not None and not (schemas and schemas[0].get("description") == description)
    text = _comment(description, indent) if above else ""
    if "default" in schema:
        text += f"{indent}// {_default(schema)}\n"
    text += f"{indent}{name}{optional}:\n"
    for i, variant in enumerate(schemas):
        own = _text(variant, "description")
        shown = None if own == description or (i == 0 and above) else own
        remarks = [shown, _default(variant) if "default" in variant else None]
        text += f"{indent} | {_nullable(variant, type_of(variant, indent + '   '))}{_trailing(remarks)}\n"
    return f"{text}{indent},\n"


def _variant(schema: _Schema, indent: str) -> str:
    """Render one variant of a `oneOf` that does not belong directly to a property."""
    default = _default(schema, quoted_enum=True) if "default" in schema else None
    remarks = _trailing([_text(schema, "description"), default])
    return f"\n{indent} | {_nullable(schema, type_of(schema, indent + '   '))}{remarks}"


def _default(schema: _Schema, *, quoted_enum: bool = False) -> str:
    value = schema["default"]
    if isinstance(value, str) and not as_list(schema.get("enum")):
        return f'default: "{value}"'
    if isinstance(value, str) and not quoted_enum:
        return f"default: {value}"
    return f"default: {json.dumps(value, ensure_ascii=False, separators=(',', ':'))}"


def _nullable(schema: _Schema, kind: str) -> str:
    return f"{kind} | null" if schema.get("nullable") is True and "null" not in kind else kind


def _comment(text: str | None, indent: str) -> str:
    return "" if text is None else f"{indent}// {text}\n"


def _trailing(remarks: Iterable[str | None]) -> str:
    present = [remark for remark in remarks if remark is not None]
    return f" // {' '.join(present)}" if present else ""


def _examples(schema: _Schema, indent: str) -> str:
    if not (examples := as_list(schema.get("examples"))):
        return ""
    lines = (f'{indent}// - "{example}"\n' for example in examples if isinstance(example, str))
    return f"{indent}// Examples:\n{''.join(lines)}"


def _lines(text: str) -> list[str]:
    r"""Split into lines that end in \n or \r\n only; a final line end begins no further line."""
    lines = text.split("\n")
    ended, rest = lines[:-1], lines[-1]
    return [line.removesuffix("\r") for line in ended] + ([rest] if rest else [])


def _text(schema: _Schema, key: str) -> str | None:
    value = schema.get(key)
    return value if isinstance(value, str) else None
