"""LangChain, through its package for Ollama and through its package for OpenAI."""

from collections.abc import Callable

import ollama
import openai
import pytest
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, HumanMessage, ToolMessage
from langchain_core.tools import tool
from langchain_ollama import ChatOllama, OllamaLLM
from langchain_openai import ChatOpenAI
from pydantic import SecretStr

from tests.clients.conftest import Double
from tests.clients.weather import MODEL, QUESTION, REPORT
from tests.doubles.model_double import ANSWER, THOUGHT


@tool
def get_weather(city: str) -> str:
    """The weather in a city."""
    return f"18 degrees in {city}"


def on_ollama(double: Double, name: str = MODEL) -> BaseChatModel:
    return ChatOllama(model=name, base_url=double.url, reasoning=True)


def on_openai(double: Double, name: str = MODEL) -> BaseChatModel:
    return ChatOpenAI(model=name, base_url=double.v1, api_key=SecretStr("ollama"), max_retries=0)


pytestmark = [pytest.mark.usefixtures("leaky"), pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")]
both = pytest.mark.parametrize("model", [on_ollama, on_openai])
Make = Callable[..., BaseChatModel]


@both
def test_an_answer_and_a_stream(double: Double, model: Make) -> None:
    answer = model(double).invoke(QUESTION)
    assert answer.text == ANSWER
    assert answer.usage_metadata is not None
    assert answer.usage_metadata["output_tokens"] == 6
    pieces = list(model(double).stream(QUESTION))
    assert len(pieces) > 5
    assert "".join(piece.text for piece in pieces) == ANSWER


@both
def test_a_round_of_tools(double: Double, model: Make) -> None:
    """A tool's result with nothing but its content is paired with the call before it."""
    chat = model(double).bind_tools([get_weather])
    asked = HumanMessage(QUESTION)
    turn = chat.invoke([asked])
    assert isinstance(turn, AIMessage)
    (call,) = turn.tool_calls
    assert (call["name"], call["args"]) == ("get_weather", {"city": "Oslo"})
    result = get_weather.invoke(call)
    assert isinstance(result, ToolMessage)
    assert chat.invoke([asked, turn, result]).text == f"The tool says: {REPORT}"


@both
def test_a_call_in_a_stream(double: Double, model: Make) -> None:
    whole: AIMessageChunk | None = None
    for piece in model(double).bind_tools([get_weather]).stream(QUESTION):
        assert isinstance(piece, AIMessageChunk)
        whole = piece if whole is None else whole + piece
    assert whole is not None
    assert [(call["name"], call["args"]) for call in whole.tool_calls] == [("get_weather", {"city": "Oslo"})]


def test_reasoning(double: Double) -> None:
    assert on_ollama(double).invoke(QUESTION).additional_kwargs["reasoning_content"] == THOUGHT
    quiet = ChatOllama(model=MODEL, base_url=double.url, reasoning=False).invoke(QUESTION)
    assert quiet.text == ANSWER
    assert "reasoning_content" not in quiet.additional_kwargs


def test_a_completion(double: Double) -> None:
    """An empty format is no format."""
    assert OllamaLLM(model=MODEL, base_url=double.url).invoke(QUESTION) == ANSWER


def test_a_model_is_looked_for_at_first(double: Double) -> None:
    """The list of models has `model` as well as `name`."""
    assert ChatOllama(model="gpt-oss:20b", base_url=double.url, validate_model_on_init=True).invoke(QUESTION).text
    with pytest.raises(ollama.ResponseError, match="absent"):
        on_ollama(double, "absent").invoke(QUESTION)
    with pytest.raises(openai.NotFoundError, match="absent"):
        on_openai(double, "absent").invoke(QUESTION)
