"""Bodies that a client has compressed."""

import gzip
import json
import zlib

import pytest
import zstandard

from ossia.server.compression import LARGEST
from ossia.types import TextDelta
from tests.api.conftest import NAME, Api
from tests.scripted import DONE

BODY = json.dumps({"model": NAME, "input": "Hello"}).encode()


def post(api: Api, data: bytes, encoding: str) -> tuple[int, str]:
    api.say(TextDelta("Hi"), DONE)
    answer = api.request("POST", "/v1/responses", data, {"Content-Encoding": encoding})
    return answer.status, answer.json.get("error") and answer.json["error"]["message"]


@pytest.mark.parametrize(
    ("encoding", "data"),
    [
        ("zstd", zstandard.compress(BODY)),
        ("gzip", gzip.compress(BODY)),
        ("deflate", zlib.compress(BODY)),
        ("identity", BODY),
    ],
)
def test_it_is_read(api: Api, encoding: str, data: bytes) -> None:
    assert post(api, data, encoding) == (200, None)


@pytest.mark.parametrize("encoding", ["zstd", "gzip"])
def test_a_damaged_one_is_refused(api: Api, encoding: str) -> None:
    status, message = post(api, BODY, encoding)
    assert status == 400
    assert "cannot be decompressed" in message


def test_half_of_one_is_refused(api: Api) -> None:
    status, message = post(api, gzip.compress(BODY)[:-9], "gzip")
    assert (status, message) == (400, "the body cannot be decompressed: its end is missing")


@pytest.mark.parametrize(("encoding", "compress"), [("zstd", zstandard.compress), ("gzip", gzip.compress)])
def test_a_small_one_that_is_huge_is_refused(api: Api, encoding: str, compress: object) -> None:
    assert callable(compress)
    status, message = post(api, compress(bytes(LARGEST + 10)), encoding)
    assert (status, message) == (400, "the body is larger than 64 MB when it is decompressed")


def test_another_compression_is_named(api: Api) -> None:
    assert post(api, BODY, "br") == (400, "Content-Encoding 'br' is not supported, only gzip, deflate and zstd")
