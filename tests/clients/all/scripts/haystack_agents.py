"""Haystack's generators for Ollama and OpenAI, an agent on each, and an embedder."""

import json
import os
import sys
from typing import Annotated, Any

from haystack.components.agents import Agent
from haystack.components.generators.chat import OpenAIChatGenerator
from haystack.dataclasses import ChatMessage
from haystack.tools import tool
from haystack.utils import Secret
from haystack_integrations.components.embedders.ollama import OllamaTextEmbedder
from haystack_integrations.components.generators.ollama import OllamaChatGenerator

URL, MODEL, QUESTION = os.environ["URL"], "gpt-oSS:20b", "What is the weather in Oslo? Use the tool."
ASKED = [ChatMessage.from_user(QUESTION)]
PLACE = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
STRICT = {"type": "json_schema", "json_schema": {"name": "place", "schema": PLACE, "strict": True}}


@tool
def get_weather(city: Annotated[str, "the city's name"]) -> str:
    """The weather in a city."""
    return f"18 degrees in {city}"


def ollama(**settings: Any) -> OllamaChatGenerator:
    return OllamaChatGenerator(model=MODEL, url=URL, **settings)


def openai(**settings: Any) -> OpenAIChatGenerator:
    key = Secret.from_token("ollama")
    return OpenAIChatGenerator(model=MODEL, api_base_url=f"{URL}/v1", api_key=key, max_retries=0, **settings)


def drive(generator: Any, format: dict[str, Any]) -> dict[str, object]:
    pieces = []
    whole = generator().run(ASKED)["replies"][0]
    streamed = generator(streaming_callback=lambda chunk: pieces.append(chunk.content)).run(ASKED)["replies"][0]
    typed = generator(**format).run(ASKED)["replies"][0]
    turn = Agent(chat_generator=generator(), tools=[get_weather]).run(messages=ASKED)
    return {
        "texts": [whole.text, streamed.text, "".join(pieces)],
        "typed": json.loads(typed.text),
        "roles": [message.role.value for message in turn["messages"]],
        "said": turn["messages"][-1].text,
    }


seen = {
    "ollama": drive(ollama, {"response_format": PLACE}),
    "openai": drive(openai, {"generation_kwargs": {"response_format": STRICT}}),
    "embedding": len(OllamaTextEmbedder(model=MODEL, url=URL).run("Hello")["embedding"]),
}
sys.stdout.write(f"{json.dumps(seen)}\n")
