"""smolagents: a model by itself, and an agent that must call a tool in its one step, then answers in words."""

import json
import os
import sys

from smolagents import OpenAIModel, ToolCallingAgent, tool

URL, MODEL, QUESTION = os.environ["URL"], "gpt-oSS:20b", "What is the weather in Oslo? Use the tool."
ASKED = [{"role": "user", "content": [{"type": "text", "text": QUESTION}]}]
cities = []


@tool
def get_weather(city: str) -> str:
    """The weather in a city.

    Args:
        city: The city's name.
    """
    cities.append(city)
    return f"18 degrees in {city}"


model = OpenAIModel(MODEL, api_base=f"{URL}/v1", api_key="ollama")
agents = [ToolCallingAgent([get_weather], model, stream_outputs=streamed, verbosity_level=0) for streamed in (0, 1)]
seen = {
    "text": model.generate(ASKED).content,
    "streamed": "".join(delta.content or "" for delta in model.generate_stream(ASKED)),
    "outputs": [agent.run(QUESTION, max_steps=1) for agent in agents],
    "cities": cities,
}
sys.stdout.write(f"{json.dumps(seen)}\n")
