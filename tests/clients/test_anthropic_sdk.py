"""Anthropic's official SDK at a real server with a real model."""

import anthropic

from tests.clients.conftest import Server

GREEDY = {"temperature": 0}


def test_a_model_answers_counts_and_stops(template_server: Server) -> None:
    with anthropic.Anthropic(base_url=template_server.url, api_key="ollama") as client:
        messages: list[anthropic.types.MessageParam] = [{"role": "user", "content": "Count from one to ten in words."}]
        counted = client.messages.count_tokens(model="smollm2", messages=messages)
        with client.messages.stream(model="smollm2", max_tokens=20, messages=messages, extra_body=GREEDY) as stream:
            text = "".join(stream.text_stream)
            first = stream.get_final_message()
        assert first.stop_reason == "max_tokens"
        assert first.usage.output_tokens == 20
        assert first.usage.input_tokens + (first.usage.cache_read_input_tokens or 0) == counted.input_tokens
        beginning = next(iter(client.messages.create(model="smollm2", max_tokens=1, messages=messages, stream=True)))
        assert beginning.type == "message_start"
        usage = beginning.message.usage
        assert usage.input_tokens + (usage.cache_read_input_tokens or 0) == counted.input_tokens
        assert usage.cache_read_input_tokens
        word = text.split()[2]
        again = client.messages.create(
            model="smollm2", max_tokens=20, stop_sequences=[word], messages=messages, extra_body=GREEDY
        )
        assert (again.stop_reason, again.stop_sequence) == ("stop_sequence", word)
        (block,) = again.content
        assert block.type == "text"
        assert text.startswith(block.text)
        assert word not in block.text
