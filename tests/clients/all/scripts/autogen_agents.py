"""autogen's clients of Ollama and of OpenAI: answers, streams, a format, and an agent that runs a tool."""

import asyncio
import json
import os
import sys

from autogen_agentchat.agents import AssistantAgent
from autogen_core.models import ChatCompletionClient, CreateResult, UserMessage
from autogen_ext.models.ollama import OllamaChatCompletionClient
from autogen_ext.models.openai import OpenAIChatCompletionClient
from pydantic import BaseModel

URL, MODEL, QUESTION = os.environ["URL"], "gpt-oSS:20b", "What is the weather in Oslo? Use the tool."
ASKED = [UserMessage(content=QUESTION, source="user")]
ABLE = {"vision": False, "function_calling": True, "json_output": True, "structured_output": True, "family": "unknown"}


class Place(BaseModel):
    city: str


async def get_weather(city: str) -> str:
    """The weather in a city."""
    return f"18 degrees in {city}"


async def drive(client: ChatCompletionClient) -> dict[str, object]:
    whole = await client.create(ASKED)
    pieces = [piece async for piece in client.create_stream(ASKED)]
    typed = await client.create(ASKED, json_output=Place)
    agent = AssistantAgent("assistant", client, tools=[get_weather], reflect_on_tool_use=True)
    events = [event async for event in agent.run_stream(task=QUESTION)]
    await client.close()
    assert isinstance(pieces[-1], CreateResult)
    return {
        "text": whole.content,
        "streamed": "".join(piece for piece in pieces if isinstance(piece, str)),
        "typed": json.loads(typed.content),
        "said": events[-1].messages[-1].content,
        "events": [type(event).__name__ for event in events[:-1]],
    }


async def main() -> dict[str, object]:
    ollama = OllamaChatCompletionClient(model=MODEL, host=URL, model_info=ABLE)
    openai = OpenAIChatCompletionClient(model=MODEL, base_url=f"{URL}/v1", api_key="ollama", model_info=ABLE)
    return {"ollama": await drive(ollama), "openai": await drive(openai)}


sys.stdout.write(f"{json.dumps(asyncio.run(main()))}\n")
