"""DSPy: a text, a typed signature through a schema, and the model's own calls of tools."""

import json
import os
import sys

import dspy
import litellm

URL, MODEL, QUESTION = os.environ["URL"], "gpt-oSS:20b", "What is the weather in Oslo? Use the tool."
ABLE = {"supports_response_schema": True, "supports_function_calling": True}
litellm.register_model({MODEL: {"litellm_provider": "openai", "mode": "chat", **ABLE}})


class Weather(dspy.Signature):
    """Tell the weather."""

    question: str = dspy.InputField()
    city: str = dspy.OutputField()
    degrees: int = dspy.OutputField()


class Call(dspy.Signature):
    """Use the tools."""

    question: str = dspy.InputField()
    tools: list[dspy.Tool] = dspy.InputField()
    calls: dspy.ToolCalls = dspy.OutputField()


def get_weather(city: str) -> str:
    """The weather in a city."""
    return f"18 degrees in {city}"


lm = dspy.LM(f"openai/{MODEL}", api_base=f"{URL}/v1", api_key="ollama", cache=False, num_retries=0, engine="litellm")
with dspy.context(lm=lm, adapter=dspy.JSONAdapter()):
    typed = dspy.Predict(Weather)(question=QUESTION)
with dspy.context(lm=lm, adapter=dspy.ChatAdapter(use_native_function_calling=True)):
    called = dspy.Predict(Call)(question=QUESTION, tools=[dspy.Tool(get_weather)]).calls.tool_calls
seen = {
    "text": lm(QUESTION)[0]["text"],
    "typed": [typed.city, typed.degrees],
    "calls": [[call.name, call.args] for call in called],
}
sys.stdout.write(f"{json.dumps(seen)}\n")
