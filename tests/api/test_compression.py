"""Bodies that a client has compressed."""

import gzip
import json
import zlib
from collections.abc import Callable

import pytest
import zstandard

from ossia.config import Limits
from ossia.types import TextDelta
from tests.api.conftest import NAME, Api
from tests.doubles.scripted_engine import DONE

BODY = json.dumps({"model": NAME, "input": "Hello"}).encode()


def post(api: Api, data: bytes, encoding: str) -> tuple[int, str]:
    api.say(TextDelta("Hi"), DONE)
    answer = api.request("POST", "/v1/responses", data, {"Content-Encoding": encoding})
    return answer.status, answer.json.get("error") and answer.json["error"]["message"]


COMPRESS: dict[str, Callable[[bytes], bytes]] = {
    "zstd": zstandard.compress,
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "identity": bytes,
}


@pytest.mark.parametrize("encoding", COMPRESS)
def test_it_is_read(api: Api, encoding: str) -> None:
    assert post(api, COMPRESS[encoding](BODY), encoding) == (200, None)


@pytest.mark.parametrize("encoding", ["zstd", "gzip"])
def test_a_damaged_one_is_refused(api: Api, encoding: str) -> None:
    status, message = post(api, BODY, encoding)
    assert status == 400
    assert "cannot be decompressed" in message


def test_half_of_one_is_refused(api: Api) -> None:
    status, message = post(api, gzip.compress(BODY)[:-9], "gzip")
    assert (status, message) == (400, "the body cannot be decompressed: its end is missing")


EMPTY = gzip.compress(b"", mtime=0)


@pytest.mark.parametrize("rest", [EMPTY, EMPTY * 50_000, b"x", b"\0"], ids=["member", "members", "text", "zero"])
def test_what_follows_one_is_not_dropped(api: Api, rest: bytes) -> None:
    status, message = post(api, gzip.compress(BODY) + rest, "gzip")
    assert (status, message) == (400, "the body cannot be decompressed: something follows its end")


@pytest.mark.parametrize("encoding", ["zstd", "gzip"])
def test_a_small_one_that_is_huge_is_refused(api: Api, encoding: str) -> None:
    status, message = post(api, COMPRESS[encoding](bytes(Limits().body_bytes + 1)), encoding)
    assert status == 413
    assert message.startswith("the body is larger than 67108864 bytes, which is the limit that OSSIA_BODY_BYTES sets")


def test_another_compression_is_named(api: Api) -> None:
    assert post(api, BODY, "br") == (400, "Content-Encoding 'br' is not supported, only gzip, deflate and zstd")
