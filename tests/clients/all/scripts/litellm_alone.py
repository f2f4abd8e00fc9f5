"""litellm by itself: both of its ways to Ollama, and OpenAI's, with what each returns."""

import asyncio
import json
import os
import sys

import litellm

URL, MODEL = os.environ["URL"], "gpt-oSS:20b"
ASKED = [{"role": "user", "content": "What is the weather in Oslo? Use the tool."}]
PARAMETERS = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
TOOL = {"type": "function", "function": {"name": "get_weather", "description": "Weather", "parameters": PARAMETERS}}
SCHEMA = {"type": "json_schema", "json_schema": {"name": "place", "schema": PARAMETERS, "strict": True}}
BASES = {"ollama": URL, "ollama_chat": URL, "openai": f"{URL}/v1"}


def drive(provider: str) -> dict[str, object]:
    place = {"model": f"{provider}/{MODEL}", "api_base": BASES[provider], "api_key": "ollama"}
    whole = litellm.completion(messages=ASKED, **place)
    chunks = list(litellm.completion(messages=ASKED, stream=True, **place))
    rebuilt = litellm.stream_chunk_builder(chunks, messages=ASKED)
    later = asyncio.run(litellm.acompletion(messages=ASKED, **place))
    called = litellm.completion(messages=ASKED, tools=[TOOL], **place).choices[0].message
    result = {"role": "tool", "tool_call_id": called.tool_calls[0].id, "content": "18 degrees in Oslo"}
    followed = litellm.completion(messages=[*ASKED, called.model_dump(), result], tools=[TOOL], **place)
    typed = litellm.completion(messages=ASKED, response_format=SCHEMA, **place)
    return {
        "texts": [answer.choices[0].message.content for answer in (whole, rebuilt, later)],
        "reasoning": getattr(whole.choices[0].message, "reasoning_content", None),
        "call": json.loads(called.tool_calls[0].function.arguments),
        "followed": followed.choices[0].message.content,
        "typed": json.loads(typed.choices[0].message.content),
        "missing": missing(provider),
    }


def missing(provider: str) -> str:
    try:
        litellm.completion(model=f"{provider}/absent", api_base=BASES[provider], api_key="ollama", messages=ASKED)
    except litellm.exceptions.APIError as error:
        return str(error)
    except Exception as error:
        return str(error)
    return ""


seen = {provider: drive(provider) for provider in BASES}
vectors = litellm.embedding(model=f"ollama/{MODEL}", api_base=URL, input=["Hello", "there"]).data
seen["embeddings"] = [len(item["embedding"]) for item in vectors]
sys.stdout.write(f"{json.dumps(seen)}\n")
