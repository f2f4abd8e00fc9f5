"""GptOssConfig: the shape of a gpt-oss model, read from GGUF metadata or a config.json, and its costs.

Everything that follows from the shape alone is here (rotary frequencies, bytes and operations per token); nothing here
touches a weight. Every value is checked, so every config describes a model that could exist.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol, Self

import numpy as np
import numpy.typing as npt

from ossia.engine.facts import names_gpt_oss
from ossia.engine.gpt_oss.matrix import Kind, bytes_per_weight
from ossia.errors import InvalidModelFile
from ossia.json_values import is_list, is_object

MAX_LAYERS: Final = 4096  # so that a hostile file cannot make us build a list of 2^32 entries
MAX_BATCHED_TOKENS: Final = 512
"""Tokens of a step on the processor."""
_LARGEST: Final = 1 << 63  # JSON has integers that no float can hold
_LARGEST_SIZE: Final = (1 << 31) - 1  # the kernels count in 32 bits
_LARGEST_HEAD: Final = 1 << 20
_FLOATS: Final = np.finfo(np.float32)
_BETAS: Final = (1e-6, 1e6)
_NARROWEST_RAMP: Final = 1e-3


class _Shaped(Protocol):
    @property
    def shape(self) -> tuple[int, ...]: ...


@dataclass(frozen=True, slots=True)
class Yarn:
    """Parameters of YaRN's context extension (Peng et al., 2023).

    `truncate` rounds the ramp's bounds, as llama.cpp does; gpt-oss was trained without.
    """

    factor: float
    original_context_length: int
    beta_fast: float = 32.0
    beta_slow: float = 1.0
    truncate: bool = False


@dataclass(frozen=True, slots=True)
class GptOssConfig:
    """Shape of a model. Raises InvalidModelFile for values that no model can have.

    `intermediate_size` is that of one expert. `sliding_pattern[i]` is True if layer i sees only the latest
    `sliding_window` tokens, including the current one.
    """

    num_layers: int
    hidden_size: int
    intermediate_size: int
    num_heads: int
    num_kv_heads: int
    head_dim: int
    num_experts: int
    experts_per_token: int
    vocab_size: int
    sliding_window: int
    sliding_pattern: tuple[bool, ...]
    context_length: int
    rope_theta: float
    yarn: Yarn | None
    rms_norm_eps: float = 1e-5
    swiglu_limit: float = 7.0
    swiglu_alpha: float = 1.702

    def __post_init__(self) -> None:
        for name in _SIZES:
            _require(getattr(self, name) > 0, f"{name} is {getattr(self, name)}, but must be positive")
        for name in ("sliding_window", "context_length"):  # all others have to match a tensor
            _require(getattr(self, name) <= _LARGEST_SIZE, f"{name} is {getattr(self, name)}, more than any model's")
        _require(
            self.num_heads % self.num_kv_heads == 0,
            f"{self.num_heads} query heads cannot share {self.num_kv_heads} key-value heads evenly",
        )
        _require(self.head_dim % 2 == 0, f"head_dim is {self.head_dim}, but rotation needs pairs")
        _require(self.head_dim <= _LARGEST_HEAD, f"head_dim is {self.head_dim}, more than any model's")
        _require(
            self.experts_per_token <= self.num_experts,
            f"{self.experts_per_token} experts are to be chosen of {self.num_experts}",
        )
        _require(
            len(self.sliding_pattern) == self.num_layers,
            f"the sliding window pattern is for {len(self.sliding_pattern)} layers, but there are {self.num_layers}",
        )
        _require(math.isfinite(self.rope_theta) and self.rope_theta > 1, f"rope_theta is {self.rope_theta}")
        for name in ("rms_norm_eps", "swiglu_limit", "swiglu_alpha"):
            value = getattr(self, name)
            _require(_FLOATS.tiny <= value <= _FLOATS.max, f"{name} is {value}, but must be a positive 32-bit float")
        if yarn := self.yarn:
            _require(math.isfinite(yarn.factor) and yarn.factor >= 1, f"the YaRN factor is {yarn.factor}")
            length = yarn.original_context_length
            _require(0 < length <= _LARGEST_SIZE, f"YaRN's original context length is {length}")
            _require(
                _BETAS[0] <= yarn.beta_slow < yarn.beta_fast <= _BETAS[1],
                f"YaRN's betas are {yarn.beta_fast} and {yarn.beta_slow}",
            )

    @classmethod
    def from_gguf(cls, metadata: Mapping[str, Any], tensors: Mapping[str, _Shaped]) -> Self:
        """Read the metadata of a GGUF of architecture `gpt-oss` (llama.cpp) or `gptoss` (Ollama's older files).

        The older files have no `expert_feed_forward_length` and no `rope.scaling.type`: the first is the number of
        columns of the experts' output matrix, the second is yarn if there is a factor.
        """
        architecture = metadata.get("general.architecture")
        _require(names_gpt_oss(architecture), f"architecture {architecture!r} is not gpt-oss")
        keys = _Keys(metadata, f"{architecture}.")
        num_layers = keys.integer("block_count")
        hidden_size = keys.integer("embedding_length")
        num_heads = keys.integer("attention.head_count")
        head_dim = keys.integer("attention.key_length", hidden_size // max(num_heads, 1))
        value_length = keys.integer("attention.value_length", head_dim)
        _require(value_length == head_dim, f"keys of {head_dim} and values of {value_length} are not gpt-oss")
        return cls(
            num_layers=num_layers,
            hidden_size=hidden_size,
            intermediate_size=_shape(tensors, "blk.0.ffn_down_exps.weight", 3)[2],
            num_heads=num_heads,
            num_kv_heads=keys.integer("attention.head_count_kv"),
            head_dim=head_dim,
            num_experts=keys.integer("expert_count"),
            experts_per_token=keys.integer("expert_used_count"),
            vocab_size=_shape(tensors, "token_embd.weight", 2)[0],
            sliding_window=keys.integer("attention.sliding_window"),
            sliding_pattern=_gguf_pattern(
                metadata.get(f"{architecture}.attention.sliding_window_pattern", 2), num_layers
            ),
            context_length=keys.integer("context_length"),
            rope_theta=keys.number("rope.freq_base"),
            yarn=_gguf_yarn(keys),
            rms_norm_eps=keys.number("attention.layer_norm_rms_epsilon"),
        )

    @classmethod
    def from_hf(cls, config: Mapping[str, Any]) -> Self:
        """Read Hugging Face's config.json, with `rope_scaling` and `rope_theta` or with `rope_parameters`."""
        if (model_type := config.get("model_type")) != "gpt_oss":
            raise InvalidModelFile(
                f"model_type {model_type!r} is not gpt_oss",
                hint="only gpt-oss can be read from safetensors; make a GGUF of any other model with llama.cpp",
            )
        keys = _Keys(config)
        rope: object = config.get("rope_parameters") or config.get("rope_scaling") or {}
        if not is_object(rope):
            raise InvalidModelFile(f"the rope parameters are {rope!r}, not an object")
        rope_keys = _Keys({"rope_theta": config.get("rope_theta"), **rope})
        return cls(
            **_sizes(keys),
            num_experts=keys.integer("num_local_experts"),
            experts_per_token=keys.integer("num_experts_per_tok"),
            sliding_pattern=_hf_pattern(config.get("layer_types"), keys.integer("num_hidden_layers")),
            context_length=keys.integer("max_position_embeddings"),
            rope_theta=rope_keys.number("rope_theta"),
            yarn=_hf_yarn(rope_keys, config.get("initial_context_length")),
            rms_norm_eps=keys.number("rms_norm_eps", 1e-5),
            swiglu_limit=keys.number("swiglu_limit", 7.0),
            swiglu_alpha=keys.number("swiglu_alpha", 1.702),
        )

    @classmethod
    def from_original(cls, config: Mapping[str, Any]) -> Self:
        """Read the config.json of OpenAI's own layout. The context is as long as YaRN makes it."""
        keys = _Keys(config)
        yarn = Yarn(
            factor=keys.number("rope_scaling_factor"),
            original_context_length=keys.integer("initial_context_length"),
            beta_fast=keys.number("rope_ntk_beta", 32.0),
            beta_slow=keys.number("rope_ntk_alpha", 1.0),
        )
        _require(yarn.factor >= 1, f"rope_scaling_factor is {yarn.factor}")
        return cls(
            **_sizes(keys),
            num_experts=keys.integer("num_experts"),
            experts_per_token=keys.integer("experts_per_token"),
            sliding_pattern=_period(2, keys.integer("num_hidden_layers")),
            context_length=int(yarn.original_context_length * yarn.factor),
            rope_theta=keys.number("rope_theta"),
            yarn=yarn,
            swiglu_limit=keys.number("swiglu_limit", 7.0),
        )

    def is_sliding(self, layer: int) -> bool:
        return self.sliding_pattern[layer]

    def inv_freq(self) -> tuple[npt.NDArray[np.float64], float]:
        """Return the radians per token of each of the head_dim / 2 pairs, and the factor on cos and sin.

        The factor applies to queries and keys alike. By YaRN (sections 3.2 to 3.4) fast pairs turn as trained, slow
        ones `factor` times slower, and those between along a linear ramp.
        """
        pair = np.arange(self.head_dim // 2)
        frequencies = self.rope_theta ** (-2 * pair / self.head_dim)
        if self.yarn is None:
            return frequencies, 1.0
        low, high = self._ramp(self.yarn)
        ramp = np.clip((pair - low) / max(high - low, _NARROWEST_RAMP), 0, 1)
        slowed = frequencies / self.yarn.factor * ramp + frequencies * (1 - ramp)
        return slowed, 0.1 * math.log(self.yarn.factor) + 1

    def _ramp(self, yarn: Yarn) -> tuple[float, float]:
        """Return the pairs that turn beta_fast times and beta_slow times within the original context."""

        def pair_turning(times: float) -> float:
            wavelength = yarn.original_context_length / (times * 2 * math.pi)
            return self.head_dim * math.log(wavelength) / (2 * math.log(self.rope_theta))

        low, high = pair_turning(yarn.beta_fast), pair_turning(yarn.beta_slow)
        if yarn.truncate:
            low, high = math.floor(low), math.ceil(high)
        return max(low, 0), min(high, self.head_dim - 1)

    # ---- costs

    def kv_bytes_per_token(self, bytes_per_value: float) -> int:
        """Return the bytes of one token's keys and values in all layers."""
        return int(self.num_layers * 2 * self.num_kv_heads * self.head_dim * bytes_per_value)

    def scratch_bytes(self, rows: int) -> int:
        """Return the bytes of a step's intermediates on the processor, for so many tokens."""
        heads = 2 * (self.num_heads + self.num_kv_heads)  # queries, keys and values, and what attention returns
        return 4 * rows * (3 * self.hidden_size + heads * self.head_dim)

    def weight_bytes_per_token(self, attention: Kind, experts: Kind, output: Kind, rest: Kind = "f32") -> int:
        """Return the bytes of weights that are read to compute a single token.

        Of the experts only those chosen count; of the embedding one row, of `output`'s kind. `rest` is the kind of
        router, norms, sinks and biases.
        """
        dense, chosen, unembedding = self._matmul_weights()
        layer_rest = (
            self.hidden_size * self.num_experts  # router
            + 2 * self.hidden_size  # norms
            + self.num_heads  # sinks
            + (self.num_heads + 2 * self.num_kv_heads) * self.head_dim + self.hidden_size + self.num_experts  # biases
            + self.experts_per_token * (2 * self.intermediate_size + self.hidden_size)
        )  # fmt: skip
        return round(
            dense * bytes_per_weight(attention)
            + chosen * bytes_per_weight(experts)
            + (unembedding + self.hidden_size) * bytes_per_weight(output)
            + (self.num_layers * layer_rest + self.hidden_size) * bytes_per_weight(rest)
        )

    def flops_per_token(self, context: int = 0) -> int:
        """Return the multiplications and additions for one token that sees `context` tokens, including itself."""
        router = self.num_layers * self.hidden_size * self.num_experts
        seen = sum(min(context, self.sliding_window) if sliding else context for sliding in self.sliding_pattern)
        return 2 * (sum(self._matmul_weights()) + router) + 4 * self.num_heads * self.head_dim * seen

    def _matmul_weights(self) -> tuple[int, int, int]:
        """Return the weights multiplied for one token in attention projections, chosen experts and unembedding."""
        attention = self.hidden_size * self.head_dim * 2 * (self.num_heads + self.num_kv_heads)
        expert = 3 * self.hidden_size * self.intermediate_size
        return (
            self.num_layers * attention,
            self.num_layers * self.experts_per_token * expert,
            self.hidden_size * self.vocab_size,
        )


_SIZES: Final = (
    "num_layers",
    "hidden_size",
    "intermediate_size",
    "num_heads",
    "num_kv_heads",
    "head_dim",
    "num_experts",
    "experts_per_token",
    "vocab_size",
    "sliding_window",
    "context_length",
)


@dataclass(frozen=True, slots=True)
class _Keys:
    """Strict reader of metadata. A missing value without a default is an error that names the key."""

    values: Mapping[str, Any]
    prefix: str = ""

    def integer(self, key: str, default: int | None = None) -> int:
        value = self._get(key, default)
        if not isinstance(value, int) or isinstance(value, bool) or abs(value) > _LARGEST:
            raise InvalidModelFile(f"{self.prefix}{key} is {value!r}, not a whole number")
        return value

    def number(self, key: str, default: float | None = None) -> float:
        value = self._get(key, default)
        if not isinstance(value, int | float) or isinstance(value, bool) or abs(value) > _LARGEST:
            raise InvalidModelFile(f"{self.prefix}{key} is {value!r}, not a number")
        return float(value)

    def text(self, key: str, default: str) -> str:
        return str(self._get(key, default))

    def has(self, key: str) -> bool:
        return self.values.get(self.prefix + key) is not None

    def _get(self, key: str, default: object) -> object:
        value = self.values.get(self.prefix + key)
        if value is None and default is None:
            raise InvalidModelFile(f"{self.prefix}{key} is missing")
        return default if value is None else value


def _require(condition: bool, message: str) -> None:
    if not condition:
        raise InvalidModelFile(message)


def _shape(tensors: Mapping[str, _Shaped], name: str, dimensions: int) -> tuple[int, ...]:
    _require(name in tensors, f"tensor {name} is missing")
    shape = tensors[name].shape
    _require(len(shape) == dimensions, f"tensor {name} has shape {shape}, not {dimensions} dimensions")
    return shape


def _gguf_pattern(pattern: object, num_layers: int) -> tuple[bool, ...]:
    """Read llama.cpp's `sliding_window_pattern`: a flag for each layer, or a period n.

    With a period the last of every n layers sees everything; with 0 none does.
    """
    if isinstance(pattern, int):
        return _period(pattern, num_layers)
    if not is_list(pattern):
        raise InvalidModelFile(f"sliding_window_pattern is {pattern!r}, neither a period nor flags")
    return tuple(bool(flag) for flag in pattern)


def _sizes(keys: _Keys) -> dict[str, int]:
    """Read the sizes that Hugging Face's config.json and OpenAI's have under the same names."""
    names = {
        "num_layers": "num_hidden_layers",
        "num_heads": "num_attention_heads",
        "num_kv_heads": "num_key_value_heads",
        **{name: name for name in ("hidden_size", "intermediate_size", "head_dim", "vocab_size", "sliding_window")},
    }
    return {ours: keys.integer(theirs) for ours, theirs in names.items()}


def _hf_pattern(layer_types: object, num_layers: int) -> tuple[bool, ...]:
    if layer_types is None:
        return _period(2, num_layers)
    if not is_list(layer_types):
        raise InvalidModelFile(f"layer_types is {layer_types!r}, not a list")
    return tuple(kind == "sliding_attention" for kind in layer_types)


def _period(period: int, num_layers: int) -> tuple[bool, ...]:
    _require(num_layers <= MAX_LAYERS, f"{num_layers} layers are more than any model has")
    return tuple(period == 0 or layer % period < period - 1 for layer in range(num_layers))


def _gguf_yarn(keys: _Keys) -> Yarn | None:
    scaling = keys.text("rope.scaling.type", "yarn" if keys.has("rope.scaling.factor") else "none")
    if scaling == "none":
        return None
    _require(scaling == "yarn", f"rope scaling {scaling!r} is not gpt-oss's")
    return Yarn(
        factor=keys.number("rope.scaling.factor"),
        original_context_length=keys.integer("rope.scaling.original_context_length"),
        beta_fast=keys.number("rope.scaling.yarn_beta_fast", 32.0),
        beta_slow=keys.number("rope.scaling.yarn_beta_slow", 1.0),
    )


def _hf_yarn(keys: _Keys, initial_context_length: int | None) -> Yarn | None:
    scaling = keys.text("rope_type", "default")
    if scaling == "default":
        return None
    _require(scaling == "yarn", f"rope_type {scaling!r} is not gpt-oss's")
    return Yarn(
        factor=keys.number("factor"),
        original_context_length=keys.integer("original_max_position_embeddings", initial_context_length),
        beta_fast=keys.number("beta_fast", 32.0),
        beta_slow=keys.number("beta_slow", 1.0),
        truncate=bool(keys.values.get("truncate", False)),
    )
