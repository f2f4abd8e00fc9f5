"""The statistics and the chart of bench/load.py, and what it counts of a stream."""

import asyncio
import sys
from math import isnan
from pathlib import Path
from xml.etree import ElementTree

import pytest

sys.path.append(str(Path(__file__).parents[2] / "bench"))

from load import Stream, figures, percentile, prompts, stream
from ossia.cli.bench.chart import chart

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"


@pytest.mark.parametrize(
    ("values", "share", "expected"),
    [([3.0], 0.99, 3), ([1.0, 2.0], 0.5, 1), ([3.0, 1.0, 2.0], 0.5, 2), (range(1, 101), 0.99, 99), (range(9), 1, 8)],
)
def test_percentiles_are_the_nearest_rank(values: list[float], share: float, expected: float):
    assert percentile(values, share) == expected


def test_figures_of_streams():
    found = figures([Stream([1.0, 1.25, 2.25], 4), Stream([3.0, 3.5], 2), Stream([], 6)], 4.0, 1.0)
    assert (found.clients, found.tokens, found.tok_s, found.own_share) == (3, 12, 3.0, 0.25)
    assert (found.first_median, found.first_99, found.next_median, found.next_99) == (1.0, 3.0, 0.5, 1.0)
    assert isnan(figures([Stream([1.0], 1)], 1.0, 0.0).next_median)


def test_shared_prompts_differ_in_their_last_eighth_only():
    first, second = prompts("shared", 2, 64, range(10**6), "a")
    assert first[:56] == second[:56]
    assert not {*first[56:]} & {*second[56:]}
    assert prompts("shared", 2, 64, range(10**6), "b")[0][:56] != first[:56]
    one, other = prompts("separate", 2, 64, range(10**6), "a")
    assert not {*one} & {*other}


async def test_a_stream_counts_texts_that_came_together_once_and_empty_ones_never():
    pieces = [b'data: {"choices":[{"te', b'xt":"a"}]}\n\ndata: {"choices":[{"text": "b"}]}\n\n', b'data: {"text":""}\n']
    end = b'data: {"usage":{"prompt_tokens":9,"completion_tokens":5}}\n\ndata: [DONE]\n\n'

    async def reply(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"}")
        for piece in (HEAD, *pieces, end):
            writer.write(piece)
            await writer.drain()
        writer.close()

    async with await asyncio.start_server(reply, "127.0.0.1", 0) as server:
        found = await stream(server.sockets[0].getsockname()[1], {"prompt": [1]})
    assert (len(found.times), found.tokens) == (1, 5)


async def test_a_refusal_ends_the_bench():
    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"}")
        writer.write(b'HTTP/1.1 400 Bad Request\r\n\r\n{"error":"too long"}')
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(refuse, "127.0.0.1", 0) as server:
        with pytest.raises(RuntimeError, match="too long"):
            await stream(server.sockets[0].getsockname()[1], {})


def test_a_chart_has_a_point_for_each_value_in_order_of_speed():
    svg = ElementTree.fromstring(
        chart("1k < 2k", "tok/s", "clients", {"ossia": {1: 100.0, 8: 400.0}, "other": {1: 50.0}})
    )
    lines = [line.attrib["points"].split() for line in svg.iterfind("{*}polyline")]
    (slow, fast), (other,) = [[tuple(map(float, point.split(","))) for point in line] for line in lines]
    assert slow[0] == other[0] < fast[0]
    assert other[1] > slow[1] > fast[1]
    assert {text.text for text in svg.iterfind("{*}text")} >= {"1k < 2k", "tok/s", "1", "8", "ossia", "other", "500"}
