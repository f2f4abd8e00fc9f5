"""Tile sizes and grids of the kernels: a checked-in table, measured on one H200. Nothing is tuned while requests wait."""

from dataclasses import dataclass, field

from ossia.engine.gpt_oss.config import GptOssConfig


@dataclass(frozen=True, slots=True)
class Rows:
    """A matrix times one token: `rows` outputs at a time, on `programs` persistent programs of `warps` warps."""

    rows: int
    warps: int
    programs: int = 0


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

    def launch(self) -> dict[str, int]:
        return {"tokens": self.tokens, "outputs": self.outputs, "depth": self.depth, "stages": self.stages}


@dataclass(frozen=True, slots=True)
class Tuning:
    qkv: ByKind = field(default_factory=lambda: ByKind(Rows(2, 4, 640), Rows(4, 4, 640)))
    attention_warps: int = 4
    project: Rows = Rows(16, 4)
    router_warps: int = 8
    gate_up: Rows = Rows(1, 4, 660)
    down: Rows = Rows(1, 4, 720)
    head: ByKind = field(default_factory=lambda: ByKind(Rows(4, 4, 1056), Rows(4, 4, 528)))
    dense_few: Tile = Tile(16, 32, 128, 4)
    dense_many: Tile = Tile(64, 64, 64, 3)
    grouped_few: Tile = Tile(16, 64, 128, 3)
    grouped_many: Tile = Tile(64, 64, 64, 3)


def tuning_for(config: GptOssConfig) -> Tuning:
    """The table's row for a model. Every model has the one of the 20b so far."""
    return Tuning()
