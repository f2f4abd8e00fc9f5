"""The tool that every client is given, and what a conversation about it looks like in OpenAI's words."""

from typing import Any

MODEL = "gpt-oSS:20b"
"""As people write it: capital letters do not matter."""

QUESTION = "What is the weather in Oslo? Use the tool."
REPORT = "18 degrees in Oslo"
ASKED: Any = [{"role": "user", "content": QUESTION}]

PARAMETERS: dict[str, Any] = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "unit": {"type": "string", "enum": ["celsius", "fahrenheit"]}},
    "required": ["city"],
    "additionalProperties": False,
}
TOOL: Any = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "The weather in a city",
        "parameters": PARAMETERS,
        "strict": True,
    },
}


def get_weather(city: str) -> str:
    """The weather in a city.

    Args:
        city: The city's name.
    """
    return f"18 degrees in {city}"
