"""A tour of what gpt-oss does, on the small model `tiny`: `make demo`.

Every step prints what it asks and what comes back. It needs the packages `openai` and `openai-agents`; a server is
started in the background if none answers, and the model is made when it is missing.
"""

import asyncio
import json
import subprocess
import sys
from typing import Any

from agents import Agent, OpenAIChatCompletionsModel, Runner, function_tool, set_tracing_disabled
from openai import AsyncOpenAI, OpenAI
from pydantic import BaseModel

from ossia.config import Settings

MODEL = "tiny"
SERVER: Any = {"base_url": f"{Settings.from_env().url}/v1", "api_key": "ollama"}  # http://localhost:11434/v1, as a rule
WEATHER: Any = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "Get current weather in a given city",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}


class Person(BaseModel):
    name: str
    age: int
    city: str


def get_weather(city: str) -> str:
    return f"The weather in {city} is sunny."


def step(title: str, question: str) -> list[Any]:
    """Print a heading and the question, and return the question as messages."""
    print(f"\n\033[1m{title}\033[0m\n> {question}", flush=True)
    return [{"role": "user", "content": question}]


def terminal() -> None:
    """Ask from the command line, which starts a server if none answers, and makes the model if it is missing."""
    (question,) = step(f"In the terminal: ossia run {MODEL}", "Why is the sky blue?")
    subprocess.run([sys.executable, "-m", "ossia", "run", MODEL, question["content"]], check=True)


def chat(client: OpenAI) -> None:
    messages = step("Chat, streamed as it is written", "Why do leaves fall in autumn? Answer in one sentence.")
    request: Any = {"model": MODEL, "messages": messages, "max_completion_tokens": 200}  # so small a model may not end
    for chunk in client.chat.completions.create(**request, stream=True):
        print(chunk.choices[0].delta.content or "", end="", flush=True)
    print()


def thinking(client: OpenAI) -> None:
    messages = step("Thinking, as long as the effort says", "Which is larger, the sun or the moon?")
    for effort in ("none", "low", "medium", "high"):
        request: Any = {"model": MODEL, "messages": messages, "reasoning_effort": effort}
        message: Any = client.chat.completions.create(**request).choices[0].message
        print(f"{effort:7} thinks: {getattr(message, 'reasoning', None) or '-'}\n        says: {message.content}")


def tools(client: OpenAI) -> None:
    messages = step("A tool: it is called, and its result answered with", "What's the weather in Berlin right now?")
    for _ in range(3):
        message = client.chat.completions.create(model=MODEL, messages=messages, tools=[WEATHER]).choices[0].message
        messages.append(message)
        for call in message.tool_calls or ():
            arguments = call.function.arguments
            print(f"it calls {call.function.name}({arguments})")
            result = get_weather(**json.loads(arguments))
            messages.append({"role": "tool", "tool_call_id": call.id, "content": result})
        if not message.tool_calls:
            return print(message.content)


def schema(client: OpenAI) -> None:
    question = "Extract the person: Ada Lovelace is 36 years old and lives in London."
    messages = step("A schema: an answer that a program can read", question)
    answer = client.chat.completions.parse(model=MODEL, messages=messages, response_format=Person)
    print(repr(answer.choices[0].message.parsed))


async def agent() -> None:
    (question,) = step("An agent, with the Agents SDK", "What's the weather in Tokyo?")
    model = OpenAIChatCompletionsModel(MODEL, AsyncOpenAI(**SERVER))
    helper = Agent("Assistant", instructions="You are brief.", model=model, tools=[function_tool(get_weather)])
    print((await Runner.run(helper, question["content"])).final_output)


if __name__ == "__main__":
    terminal()
    set_tracing_disabled(True)
    for part in (chat, thinking, tools, schema):
        part(OpenAI(**SERVER))
    asyncio.run(agent())
