"""SmolLM2 as published, by every API: llama.cpp runs it, and nobody needs to know."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import anthropic
import ollama
import openai
import psutil
import pytest
from pydantic import BaseModel, Field

from tests.clients.conftest import Server
from tests.model import random_lora

pytestmark = [pytest.mark.usefixtures("leaky"), pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")]
MESSAGES: Any = [{"role": "user", "content": "Say hi."}]


class Person(BaseModel):
    """Bounded: a small model may well write a name or a number that never ends."""

    name: str = Field(max_length=20)
    age: int = Field(ge=0, le=150)


def wave(hand: str) -> str:
    """Wave a hand.

    Args:
      hand: left or right
    """
    return hand


def ossia(server: Server, *words: str) -> str:
    command = [sys.executable, "-m", "ossia", *words]
    return subprocess.run(command, env=server.environment, check=True, capture_output=True, text=True).stdout


def test_the_terminal(llama_server: Server) -> None:
    assert ossia(llama_server, "run", "smollm2", "Say hi.")
    assert "the processor, by llama.cpp" in ossia(llama_server, "show", "smollm2")
    assert "100% CPU" in ossia(llama_server, "ps")


def test_only_the_server_listens_on_a_port(llama_server: Server) -> None:
    ollama.Client(llama_server.url).generate("smollm2", "Hi", options={"num_predict": 1})
    [process] = llama_server.model_processes()
    assert not [each for each in psutil.Process(process.pid).net_connections("inet") if each.status == "LISTEN"]


def test_openais_apis(llama_server: Server) -> None:
    with openai.OpenAI(base_url=f"{llama_server.url}/v1", api_key="ollama") as client:
        parsed = client.chat.completions.parse(
            model="smollm2", messages=MESSAGES, response_format=Person, temperature=0
        )
        assert parsed.choices[0].message.parsed
        response = client.responses.create(model="smollm2", input="Say hi.", max_output_tokens=16, temperature=0)
        assert response.output_text
        assert response.usage
        assert response.usage.output_tokens == 16
        text = client.completions.create(model="smollm2", prompt="Once", max_tokens=4, logprobs=1)
        assert text.choices[0].text
        [vector] = client.embeddings.create(model="smollm2", input="Hello").data
        assert len(vector.embedding) == 576


def test_ollamas_api(llama_server: Server) -> None:
    with ollama.Client(llama_server.url) as client:
        answer = client.chat("smollm2", MESSAGES, format=Person.model_json_schema(), options={"temperature": 0})
        assert Person.model_validate_json(answer.message.content or "")
        assert client.show("smollm2").capabilities == ["completion"]
        with pytest.raises(ollama.ResponseError, match="does not support tools"):
            client.chat("smollm2", MESSAGES, tools=[wave])
        with pytest.raises(ollama.ResponseError, match="does not support thinking"):
            client.chat("smollm2", MESSAGES, think=True)
        raw = client.generate("smollm2", "Once upon", raw=True, options={"num_predict": 3})
        assert raw.response


def test_messages(llama_server: Server) -> None:
    with anthropic.Anthropic(base_url=llama_server.url, api_key="ollama") as client:
        counted = client.messages.count_tokens(model="smollm2", messages=MESSAGES).input_tokens
        answer = client.messages.create(model="smollm2", messages=MESSAGES, max_tokens=5)
        usage = answer.usage
        assert counted == usage.input_tokens + (usage.cache_read_input_tokens or 0)
        assert usage.output_tokens == 5


def test_it_is_unloaded(llama_server: Server) -> None:
    with ollama.Client(llama_server.url) as client:
        client.generate("smollm2", "Hi", options={"num_predict": 1})
        assert llama_server.model_processes()
        client.generate("smollm2", "", keep_alive=0)
        assert not client.ps().models
    assert not llama_server.model_processes()


def test_a_model_with_an_adapter(llama_server: Server, tmp_path: Path) -> None:
    """Made of a Modelfile, it is another model than the one that it is made of, and both are loaded side by side."""
    random_lora.write(tmp_path / "lora.gguf")
    (tmp_path / "Modelfile").write_text("FROM smollm2\nADAPTER ./lora.gguf\nPARAMETER temperature 0\n")
    ossia(llama_server, "create", "changed", "-f", str(tmp_path / "Modelfile"))
    with ollama.Client(llama_server.url) as client:
        plain, changed = [
            client.generate(name, "Hi", options={"num_predict": 12, "temperature": 0}).response
            for name in ("smollm2", "changed")
        ]
        assert plain != changed
        assert {each.model for each in client.ps().models} == {"smollm2:latest", "changed:latest"}
        assert "\nADAPTER /" in (client.show("changed").modelfile or "")
        client.generate("changed", "", keep_alive=0)
