"""Tile sizes and grids of the kernels, measured on one H200 and checked in: nothing is tuned while requests wait."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rows:
    """A matrix times one token or a few: `rows` outputs at a time, on `programs` persistent programs."""

    rows: int
    warps: int
    programs: int = 0  # unused where the grid follows from the rows


@dataclass(frozen=True, slots=True)
class ByKind:
    """Of float and of 8-bit weights."""

    float: Rows
    q8_0: Rows


@dataclass(frozen=True, slots=True)
class Tile:
    """A matrix times several tokens, `depth` columns at a time, `stages` of them in flight."""

    tokens: int
    outputs: int
    depth: int
    stages: int


@dataclass(frozen=True, slots=True)
class Warps:
    """Attention of many tokens: warps of a program, and tiles of keys in flight."""

    warps: int
    stages: int


@dataclass(frozen=True, slots=True)
class Tuning:
    # ---- batch 1
    qkv: ByKind = ByKind(Rows(2, 4, 660), Rows(4, 4, 528))
    attention_tile: int = 128
    attention: Warps = Warps(8, 4)
    attention_q8_0: Warps = Warps(4, 4)
    project: Rows = Rows(32, 4)
    project_heads: int = 8
    project_heads_q8_0: int = 16
    router_warps: int = 8
    gate_up: Rows = Rows(1, 4, 660)
    down: Rows = Rows(2, 4, 528)
    head: ByKind = ByKind(Rows(4, 4, 1056), Rows(4, 4, 528))
    # ---- larger batches
    few: ByKind = ByKind(Rows(2, 4, 640), Rows(2, 2, 1280))
    few_head: ByKind = ByKind(Rows(2, 4, 1056), Rows(2, 2, 1056))
    dense_few: Tile = Tile(16, 32, 128, 4)
    dense_many: Tile = Tile(64, 64, 64, 3)
    dense_f32: Tile = Tile(16, 16, 64, 4)
    grouped_few: Tile = Tile(16, 64, 64, 3)
    grouped_many: Tile = Tile(64, 32, 64, 3)
    # ---- many sequences, see batches.py
    batches_from: int = 5
    dense: Tile = Tile(64, 64, 192, 3)
    streams: Warps = Warps(2, 7)
    streams_window: Warps = Warps(2, 5)
    streams_least: int = 512
    streams_splits: int = 8
    # ---- chunks of prompts, see prompts.py
    prompts_from: int | None = 1  # tokens from which they run there
    sorted_least: Tile = Tile(16, 64, 256, 3)
    sorted_few: Tile = Tile(32, 64, 128, 4)
    sorted_many: Tile = Tile(64, 64, 128, 3)
    flash: Warps = Warps(8, 3)
    flash_window: Warps = Warps(4, 2)
    # ---- short pieces of prompts, see batches.py
    pieces_splits: int = 1344  # splits of the keys of all tokens together
