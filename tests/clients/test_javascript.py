"""Clients in JavaScript play whole conversations; each script of `node/` prints what came back."""

from tests.clients.conftest import Double, RunScript
from tests.clients.weather import MODEL, QUESTION, REPORT
from tests.doubles.model_double import ANSWER, THOUGHT

SAID = f"The tool says: {REPORT}"


def test_openai(double: Double, javascript: RunScript) -> None:
    """A stream's first chunk has the role; calls in it have a type, an id and an index, or the SDK throws."""
    seen = javascript("openai.mjs", V1=double.v1)
    usage = seen["whole"]["usage"]
    assert seen["whole"]["model"] == MODEL
    thought = {"reasoning": THOUGHT, "reasoning_content": THOUGHT}
    assert seen["whole"]["message"] == {"role": "assistant", "content": ANSWER, **thought}
    assert (usage["prompt_tokens"], usage["completion_tokens"]) == (len(QUESTION.split()), 6)
    assert (seen["text"], seen["usage"]) == (ANSWER, usage)
    assert seen["calls"] == ['{"city": "Oslo"}'] * 2
    assert seen["answers"] == [SAID] * 4
    assert seen["cities"] == ["Oslo"] * 2
    assert seen["completed"] == ANSWER
    assert "gpt-oss:20b" in seen["models"]
    assert seen["missing"]["status"] == 404
    assert "absent" in seen["missing"]["message"]


def test_agents(double: Double, javascript: RunScript) -> None:
    """An agent's loop of tools runs whole and streamed."""
    seen = javascript("agents.mjs", V1=double.v1)
    assert seen["outputs"] == [SAID] * 2
    assert seen["text"].endswith(SAID)
    assert seen["cities"] == ["Oslo"] * 2
    kinds = [kind for kind in seen["items"] if kind != "reasoning_item"]
    assert kinds == ["tool_call_item", "tool_call_output_item", "message_output_item"]
    assert seen["missing"]["status"] == 404


def test_ollama(double: Double, javascript: RunScript) -> None:
    """A stream ends with done, or the client throws; a key named error in a good line would make it throw as well."""
    seen = javascript("ollama-chat.mjs", V1=double.v1)
    message = {"role": "assistant", "content": ANSWER, "thinking": THOUGHT}
    assert seen["whole"] == {"message": message, "reason": "stop", "tokens": 6}
    assert (seen["text"], seen["last"]) == (ANSWER, {"done": True, "reason": "stop"})
    assert [(call["name"], call["arguments"]) for call in seen["calls"]] == [("get_weather", {"city": "Oslo"})] * 2
    assert seen["answers"] == [SAID] * 2
    assert seen["response"] == "".join(seen["pieces"]) == ANSWER
    assert (seen["load"], seen["loaded"]) == ("load", ["gpt-oss:20b"])
    assert all(number.isdecimal() for number in seen["version"].split("."))
    for missing in (seen["missing"], seen["missingInStream"]):
        assert missing == {"status": 404, "message": "model 'absent' not found"}


def test_the_ai_sdk(double: Double, javascript: RunScript) -> None:
    """Every chunk on Ollama's API has model, created_at, done and a content: a strict provider drops it otherwise."""
    providers = javascript("ai-sdk.mjs", V1=double.v1)
    assert set(providers) == {"ai-sdk-ollama", "ollama-ai-provider-v2", "openai-compatible", "openai-chat"}
    for name, seen in providers.items():
        assert seen["text"] == seen["streamed"] == ANSWER, name
        assert seen["pieces"] > 4, name
        assert seen["finish"] == ["stop"] * 2, name
        assert seen["tokens"] == [6, 6], name
        assert seen["loops"] == [SAID] * 2, name
        assert seen["steps"] == [2, 2], name
        assert seen["cities"] == ["Oslo"] * 2, name
        assert seen["missing"] is not None, name
        if name != "openai-chat":  # which looks for no reasoning
            assert seen["reasoning"] == [THOUGHT] * 2, name
