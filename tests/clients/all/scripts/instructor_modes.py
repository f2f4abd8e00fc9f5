"""instructor's ways to get a typed answer, one after the other."""

import json
import os
import sys

import instructor
import openai
from pydantic import BaseModel

URL, MODEL = os.environ["URL"], "gpt-oSS:20b"
ASKED = [{"role": "user", "content": "Where are you?"}]


class Place(BaseModel):
    city: str
    sunny: bool


def client() -> openai.OpenAI:
    return openai.OpenAI(base_url=f"{URL}/v1", api_key="ollama", max_retries=0)


def ask(mode: instructor.Mode) -> dict[str, object]:
    asking = instructor.from_openai(client(), mode=mode)
    return asking.chat.completions.create(model=MODEL, messages=ASKED, response_model=Place, max_retries=0).model_dump()


modes = (instructor.Mode.TOOLS, instructor.Mode.JSON_SCHEMA)
seen = {mode.value: ask(mode) for mode in modes}
provided = instructor.from_provider(f"ollama/{MODEL}", base_url=f"{URL}/v1", mode=instructor.Mode.TOOLS)
seen["from_provider"] = provided.chat.completions.create(messages=ASKED, response_model=Place).model_dump()
partial = instructor.from_openai(client(), mode=instructor.Mode.TOOLS).chat.completions.create_partial(
    model=MODEL, messages=ASKED, response_model=Place
)
seen["partial"] = list(partial)[-1].model_dump()
sys.stdout.write(f"{json.dumps(seen)}\n")
