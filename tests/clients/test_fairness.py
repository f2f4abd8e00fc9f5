"""Clients of a real model take turns: one that piles up work does not keep another from its answer."""

import httpx

from tests.clients.conftest import Server

HELLO = [{"role": "user", "content": "Hello"}]
STORY = {"type": "object", "properties": {"story": {"type": "string", "minLength": 9000}}, "required": ["story"]}
FORMAT = {"format": {"type": "json_schema", "name": "story", "schema": STORY}}
LONG = {"model": "tiny", "input": "Tell a story.", "background": True, "max_output_tokens": 2000, "text": FORMAT}


def test_an_answer_beside_many_long_ones_in_the_background(server: Server) -> None:
    """Whatever can be computed at a time is taken by them, and as many wait."""
    large = httpx.HTTPTransport(local_address="127.0.0.2")
    with (
        httpx.Client(base_url=server.url, transport=large, timeout=60) as attacker,
        httpx.Client(base_url=server.url, timeout=60) as other,
    ):
        ids = [attacker.post("/v1/responses", json=LONG).json()["id"] for _ in range(64)]
        asked = {"model": "tiny", "messages": HELLO, "max_tokens": 8}
        assert other.post("/v1/chat/completions", json=asked).status_code == 200
        assert other.post("/v1/embeddings", json={"model": "tiny", "input": ["one", "two"]}).status_code == 200
        last = attacker.post(f"/v1/responses/{ids[-1]}/cancel").json()
        assert (last["status"], last["output"]) == ("cancelled", []), "it waits still"
        ended = [attacker.post(f"/v1/responses/{id}/cancel").json()["status"] for id in reversed(ids)]
    assert {*ended} <= {"cancelled", "incomplete"}
