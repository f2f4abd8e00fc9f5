"""Frameworks of agents, each in an environment of its own: answers, streams, formats, and loops of tools."""

import pytest

from tests.clients.all.conftest import RunPython, run_node
from tests.clients.conftest import Double
from tests.clients.environments import node_with, python_with
from tests.clients.weather import REPORT
from tests.doubles.model_double import ANSWER, THOUGHT

SAID = f"The tool says: {REPORT}"

pytestmark = pytest.mark.timeout(600)  # with the installation


def test_autogen(double: Double, run_python: RunPython) -> None:
    """Its client of OpenAI writes the thoughts of a stream between tags, before the answer."""
    programs = python_with("autogen-agentchat==0.7.5", "autogen-ext[openai,ollama]==0.7.5")
    seen = run_python(programs, "autogen_agents.py", URL=double.url)
    assert seen["ollama"].pop("streamed") == ANSWER
    assert seen["openai"].pop("streamed") == f"<think>{THOUGHT}</think>{ANSWER}"
    for name, answers in seen.items():
        assert {"ToolCallRequestEvent", "ToolCallExecutionEvent"} < set(answers.pop("events")), name
        assert answers == {"text": ANSWER, "typed": {"city": "Oslo"}, "said": SAID}, name


def test_crewai(double: Double, run_python: RunPython) -> None:
    programs = python_with("crewai==1.15.30")
    settings = {"CREWAI_DISABLE_TELEMETRY": "true", "OTEL_SDK_DISABLED": "true"}
    seen = run_python(programs, "crewai_crew.py", URL=double.url, **settings)
    assert seen.pop("cities") == ["Oslo"] * 3
    assert set(seen) == {"ollama", "openai", "streamed"}
    for name, answers in seen.items():
        assert answers == {"text": ANSWER, "typed": "Oslo", "said": SAID}, name


def test_haystack(double: Double, run_python: RunPython) -> None:
    programs = python_with("haystack-ai==3.4.1", "ollama-haystack==7.0.2")
    seen = run_python(programs, "haystack_agents.py", URL=double.url, HAYSTACK_TELEMETRY_ENABLED="False")
    assert seen.pop("embedding") == 8
    roles = ["user", "assistant", "tool", "assistant"]
    for name, answers in seen.items():
        assert answers == {"texts": [ANSWER] * 3, "typed": {"city": "Oslo"}, "roles": roles, "said": SAID}, name


def test_smolagents(double: Double, run_python: RunPython) -> None:
    """It requires a call in each step, and tells the result in a user's message."""
    seen = run_python(python_with("smolagents[openai]==1.26.0"), "smolagents_tools.py", URL=double.url)
    assert seen == {"text": ANSWER, "streamed": ANSWER, "outputs": [ANSWER] * 2, "cities": ["Oslo"] * 2}


def test_dspy(double: Double, run_python: RunPython) -> None:
    """It gives a schema, and tools, to models of which litellm's list says that they are able."""
    programs = python_with("dspy==3.4.1")
    seen = run_python(programs, "dspy_programs.py", URL=double.url, LITELLM_LOCAL_MODEL_COST_MAP="True")
    assert seen == {"text": ANSWER, "typed": ["Oslo", 1], "calls": [["get_weather", {"city": "Oslo"}]]}


def test_langchain_in_javascript(double: Double) -> None:
    packages = ("langchain@1.5.14", "@langchain/core@1.4.0", "@langchain/ollama@1.3.0", "@langchain/openai@1.6.0")
    seen = run_node(node_with(*packages, "zod@4.6.7"), "langchain.mjs", URL=double.url)
    assert seen.pop("embeddings") == [8, 8]
    assert set(seen) == {"ollama", "openai", "responses"}
    for name, answers in seen.items():
        expected = {"text": ANSWER, "streamed": ANSWER, "typed": {"city": "Oslo"}, "said": SAID, "cities": ["Oslo"]}
        assert answers == expected, name
