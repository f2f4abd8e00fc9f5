"""LlamaIndex's package for Ollama: answers, streams, calls, a format, embeddings."""

import json
import os
import sys

from llama_index.core.llms import ChatMessage
from llama_index.core.tools import FunctionTool
from llama_index.embeddings.ollama import OllamaEmbedding
from llama_index.llms.ollama import Ollama
from pydantic import BaseModel

URL, MODEL, QUESTION = os.environ["URL"], "gpt-oSS:20b", "What is the weather in Oslo? Use the tool."


class Place(BaseModel):
    city: str


def get_weather(city: str) -> str:
    """The weather in a city."""
    return f"18 degrees in {city}"


llm = Ollama(model=MODEL, base_url=URL, request_timeout=30, thinking=True)
asked = [ChatMessage(role="user", content=QUESTION)]
tool = FunctionTool.from_defaults(fn=get_weather)
turn = llm.chat_with_tools([tool], user_msg=QUESTION)
(call,) = llm.get_tool_calls_from_response(turn)
report = get_weather(**call.tool_kwargs)
result = ChatMessage(role="tool", content=report, additional_kwargs={"tool_call_id": call.tool_id})
seen = {
    "text": llm.chat(asked).message.content,
    "streamed": "".join(piece.delta or "" for piece in llm.stream_chat(asked)),
    "completed": llm.complete(QUESTION).text,
    "call": [call.tool_name, call.tool_kwargs],
    "followed": llm.chat([*asked, turn.message, result]).message.content,
    "typed": llm.as_structured_llm(Place).chat(asked).raw.model_dump(),
    "context": llm.metadata.context_window,
    "embedding": len(OllamaEmbedding(model_name=MODEL, base_url=URL).get_text_embedding("Hello")),
}
sys.stdout.write(f"{json.dumps(seen)}\n")
