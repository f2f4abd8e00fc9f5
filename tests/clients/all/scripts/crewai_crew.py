"""crewAI: a model by itself, and a crew whose one agent has a tool."""

import json
import os
import sys

from crewai import LLM, Agent, Crew, Task
from crewai.tools import tool
from pydantic import BaseModel

URL, MODEL, QUESTION = os.environ["URL"], "gpt-oSS:20b", "What is the weather in Oslo? Use the tool."
cities = []


class Place(BaseModel):
    city: str


@tool("get_weather")
def get_weather(city: str) -> str:
    """The weather in a city."""
    cities.append(city)
    return f"18 degrees in {city}"


def drive(llm: LLM) -> dict[str, object]:
    agent = Agent(role="Forecaster", goal="Tell the weather", backstory="Brief.", llm=llm, tools=[get_weather])
    task = Task(description=QUESTION, expected_output="The weather", agent=agent)
    said = Crew(agents=[agent], tasks=[task], verbose=False).kickoff().raw
    return {"text": llm.call(QUESTION), "typed": llm.call(QUESTION, response_model=Place).city, "said": said}


ways = {
    "ollama": LLM(model=f"ollama/{MODEL}", base_url=f"{URL}/v1", api_key="ollama"),
    "openai": LLM(model=f"openai/{MODEL}", base_url=f"{URL}/v1", api_key="ollama"),
    "streamed": LLM(model=f"openai/{MODEL}", base_url=f"{URL}/v1", api_key="ollama", stream=True),
}
seen = {name: drive(llm) for name, llm in ways.items()}
sys.stdout.write(f"\n{json.dumps(seen | {'cities': cities})}\n")
