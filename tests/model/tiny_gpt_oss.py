"""Random gpt-oss models, small enough to compute in numpy, in every form that such models are published in.

A model is made once, in Hugging Face's layout: dense weights are bfloat16 numbers, experts MXFP4 in OpenAI's order.
All writers write the very same numbers.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import gguf
import numpy as np
import numpy.typing as npt

from ossia import mxfp4
from tests.gguf_files import finish

Bytes = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]
Form = Literal["gpt-oss", "gptoss", "first"]
Dense = gguf.GGMLQuantizationType

CONFIG: dict[str, Any] = json.loads("""{
    "architectures": ["GptOssForCausalLM"], "model_type": "gpt_oss", "attention_bias": true,
    "num_hidden_layers": 4, "hidden_size": 128, "intermediate_size": 96, "vocab_size": 512,
    "num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 64,
    "num_local_experts": 8, "num_experts_per_tok": 4, "experts_per_token": 4,
    "sliding_window": 8, "max_position_embeddings": 131072, "initial_context_length": 4096,
    "rms_norm_eps": 1e-5, "swiglu_limit": 7.0, "rope_theta": 150000, "tie_word_embeddings": false,
    "rope_scaling": {
        "rope_type": "yarn", "factor": 32.0, "original_max_position_embeddings": 4096,
        "beta_fast": 32.0, "beta_slow": 1.0, "truncate": false
    },
    "quantization_config": {
        "quant_method": "mxfp4",
        "modules_to_not_convert": [
            "model.layers.*.self_attn", "model.layers.*.mlp.router", "model.embed_tokens", "lm_head"
        ]
    }
}""")


@dataclass
class Model:
    """`dense` has Hugging Face's names; `experts` [E, rows, n * 17] are GGUF blocks, by Hugging Face's prefixes."""

    config: dict[str, Any]
    dense: dict[str, Floats]
    experts: dict[str, Bytes]


def random_model(seed: int = 0, **changes: Any) -> Model:
    config = CONFIG | changes
    rng = np.random.default_rng(seed)
    hidden, inner, experts = config["hidden_size"], config["intermediate_size"], config["num_local_experts"]
    queries = config["num_attention_heads"] * config["head_dim"]
    keys = config["num_key_value_heads"] * config["head_dim"]
    dense: dict[str, Floats] = {}
    blocks: dict[str, Bytes] = {}

    def normal(name: str, *shape: int, scale: float, mean: float = 0) -> None:
        dense[name] = bf16_values(mean + scale * rng.standard_normal(shape, np.float32))

    def linear(name: str, rows: int, cols: int) -> None:
        normal(f"{name}.weight", rows, cols, scale=cols**-0.5)
        normal(f"{name}.bias", rows, scale=0.3)

    normal("model.embed_tokens.weight", config["vocab_size"], hidden, scale=1)
    normal("lm_head.weight", config["vocab_size"], hidden, scale=hidden**-0.5)
    normal("model.norm.weight", hidden, scale=0.1, mean=1)
    for layer in range(config["num_hidden_layers"]):
        prefix = f"model.layers.{layer}"
        normal(f"{prefix}.input_layernorm.weight", hidden, scale=0.1, mean=1)
        normal(f"{prefix}.post_attention_layernorm.weight", hidden, scale=0.1, mean=1)
        for name, rows, cols in (
            ("q", queries, hidden),
            ("k", keys, hidden),
            ("v", keys, hidden),
            ("o", hidden, queries),
        ):
            linear(f"{prefix}.self_attn.{name}_proj", rows, cols)
        normal(f"{prefix}.self_attn.sinks", config["num_attention_heads"], scale=1)
        linear(f"{prefix}.mlp.router", experts, hidden)
        for name, rows, cols in (("gate_up_proj", 2 * inner, hidden), ("down_proj", hidden, inner)):
            weights = rng.standard_normal((experts, rows, cols), np.float32) * np.float32(2 * cols**-0.5)
            blocks[f"{prefix}.mlp.experts.{name}"] = mxfp4.quantize(weights)
            normal(f"{prefix}.mlp.experts.{name}_bias", experts, rows, scale=0.3)
    return Model(config, dense, blocks)


def write_folder(model: Model, folder: Path, experts: Literal["mxfp4", "bf16"] = "mxfp4", shards: int = 1) -> Path:
    """A folder of safetensors, as published (`mxfp4`) or as transformers exports it (`bf16`)."""
    folder.mkdir(parents=True)
    config = dict(model.config)
    tensors: dict[str, tuple[str, npt.NDArray[Any]]] = {
        name: ("BF16", bf16_bits(values)) for name, values in model.dense.items()
    }
    for name, packed in model.experts.items():
        if experts == "mxfp4":
            blocks, scales = to_openai(packed)
            tensors |= {f"{name}_blocks": ("U8", blocks), f"{name}_scales": ("U8", scales)}
        else:
            transposed = mxfp4.dequantize(packed).swapaxes(1, 2)  # inputs as rows
            tensors[name] = ("BF16", bf16_bits(transposed))
            config.pop("quantization_config", None)
    (folder / "config.json").write_text(json.dumps(config))
    if shards == 1:
        write_safetensors(folder / "model.safetensors", tensors)
        return folder
    files = {name: f"model-{i % shards:05}-of-{shards - 1:05}.safetensors" for i, name in enumerate(tensors)}
    (folder / "model.safetensors.index.json").write_text(json.dumps({"metadata": {}, "weight_map": files}))
    for file in set(files.values()):
        part = {name: entry for name, entry in tensors.items() if files[name] == file}
        write_safetensors(folder / file, part)
    return folder


def write_original_folder(model: Model, folder: Path, shards: int = 1) -> Path:
    """OpenAI's own layout: other names, q, k and v in one matrix, and a config.json that does not name the model."""
    folder.mkdir(parents=True)
    same = ["vocab_size", "hidden_size", "intermediate_size", "swiglu_limit", "head_dim", "num_attention_heads"]
    same += ["num_key_value_heads", "sliding_window", "initial_context_length", "rope_theta", "num_hidden_layers"]
    config = {name: model.config[name] for name in [*same, "experts_per_token"]}
    config |= {"num_experts": model.config["num_local_experts"]}
    config |= {"rope_scaling_factor": 32.0, "rope_ntk_alpha": 1, "rope_ntk_beta": 32}
    (folder / "config.json").write_text(json.dumps(config))
    tensors: dict[str, tuple[str, npt.NDArray[Any]]] = {}
    for name, values in model.dense.items():
        if ".q_proj." in name:
            values = np.concatenate([model.dense[name.replace(".q_proj.", f".{n}_proj.")] for n in "qkv"])
        elif ".k_proj." in name or ".v_proj." in name:
            continue
        tensors[_original_name(name)] = ("BF16", bf16_bits(values))
    for name, packed in model.experts.items():
        blocks, scales = to_openai(packed)
        name = _original_name(name)
        tensors |= {f"{name}.blocks": ("U8", blocks), f"{name}.scales": ("U8", scales)}
    kinds = {"U8": "FP4", "BF16": "BF16"}
    (folder / "dtypes.json").write_text(json.dumps({name: kinds[dtype] for name, (dtype, _) in tensors.items()}))
    names = list(tensors)
    for number in range(shards):
        part = {name: tensors[name] for name in names[number::shards]}
        write_safetensors(folder / f"model--{number + 1:05}-of-{shards:05}.safetensors", part)
    return folder


def _original_name(name: str) -> str:
    """From Hugging Face's name, which no name of OpenAI's is part of."""
    for theirs, original in (
        *(("model.embed_tokens.weight", "embedding.weight"), ("lm_head.weight", "unembedding.weight")),
        *(("model.norm.weight", "norm.scale"), ("model.layers.", "block.")),
        *(("input_layernorm.weight", "attn.norm.scale"), ("post_attention_layernorm.weight", "mlp.norm.scale")),
        *(("self_attn.sinks", "attn.sinks"), ("self_attn.q_proj", "attn.qkv"), ("self_attn.o_proj", "attn.out")),
        *(("mlp.router", "mlp.gate"), ("mlp.experts.gate_up_proj_bias", "mlp.mlp1_bias")),
        *(("mlp.experts.down_proj_bias", "mlp.mlp2_bias"), ("mlp.experts.gate_up_proj", "mlp.mlp1_weight")),
        ("mlp.experts.down_proj", "mlp.mlp2_weight"),
    ):
        name = name.replace(theirs, original)
    return name


def write_vocabulary(folder: Path) -> Path:
    """A vocabulary of bytes, a few merges and gpt-oss's ends of texts, in the files that a published folder has."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    spelled = [chr(byte) for byte in printable] + [chr(256 + i) for i in range(256 - len(printable))]
    merges = [["h", "e"], ["l", "l"], ["he", "ll"], ["hell", "o"]]
    vocab = {token: id for id, token in enumerate([*spelled, *map("".join, merges)])}
    special = ["<|startoftext|>", "<|endoftext|>", "<|return|>", "<|call|>"]
    added = [{"id": 300 + i, "content": token, "special": True} for i, token in enumerate(special)]
    tokenizer = {
        "added_tokens": added,
        "normalizer": None,
        "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True},
        "model": {"type": "BPE", "vocab": vocab, "merges": merges},
    }
    ends = {"bos_token_id": 300, "eos_token_id": [302, 301, 303], "pad_token_id": 301}
    (folder / "tokenizer.json").write_text(json.dumps(tokenizer))
    (folder / "generation_config.json").write_text(json.dumps(ends))
    (folder / "chat_template.jinja").write_text("{{ messages }}")
    return folder


def write_gguf(
    model: Model, path: Path, form: Form = "gpt-oss", special: Sequence[str] = (), dense: Dense = Dense.BF16
) -> Path:
    """A GGUF: llama.cpp's `gpt-oss`, Ollama's later `gptoss`, or its `first` upload (fused, OpenAI's order).

    `dense` is the type of all matrices but the experts.

    With `special` tokens it has a vocabulary: these, then all bytes.
    """
    writer = gguf.GGUFWriter(path, "gpt-oss" if form == "gpt-oss" else "gptoss")
    _write_metadata(writer, model.config, form)
    if special:
        _write_byte_vocabulary(writer, special)
    for name, values in _gguf_tensors(model, form).items():
        if values.dtype == np.uint8:
            writer.add_tensor(name, values, raw_dtype=gguf.GGMLQuantizationType.MXFP4)
        elif name.endswith("weight") and values.ndim == 2 and "ffn_gate_inp" not in name:
            writer.add_tensor(name, gguf.quants.quantize(values, dense), raw_dtype=dense)
        else:
            writer.add_tensor(name, values)
    finish(writer)
    if form == "first":
        _renumber_mxfp4(path)
    return path


def _write_byte_vocabulary(writer: gguf.GGUFWriter, special: Sequence[str]) -> None:
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    spelled = [chr(byte) for byte in printable] + [chr(256 + i) for i in range(256 - len(printable))]
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-4o")
    writer.add_token_list([*special, *spelled])
    writer.add_token_types([gguf.TokenType.CONTROL] * len(special) + [gguf.TokenType.NORMAL] * 256)
    writer.add_eos_token_id(special.index("<|return|>"))


def _write_metadata(writer: gguf.GGUFWriter, config: dict[str, Any], form: Form) -> None:
    writer.add_block_count(config["num_hidden_layers"])
    writer.add_context_length(config["max_position_embeddings"])
    writer.add_embedding_length(config["hidden_size"])
    writer.add_feed_forward_length(config["intermediate_size"])
    writer.add_head_count(config["num_attention_heads"])
    writer.add_head_count_kv(config["num_key_value_heads"])
    writer.add_key_length(config["head_dim"])
    writer.add_value_length(config["head_dim"])
    writer.add_layer_norm_rms_eps(config["rms_norm_eps"])
    writer.add_rope_freq_base(config["rope_theta"])
    writer.add_expert_count(config["num_local_experts"])
    writer.add_expert_used_count(config["num_experts_per_tok"])
    writer.add_sliding_window(config["sliding_window"])
    writer.add_rope_scaling_factor(config["rope_scaling"]["factor"])
    writer.add_rope_scaling_orig_ctx_len(config["rope_scaling"]["original_max_position_embeddings"])
    if form == "gpt-oss":
        writer.add_expert_feed_forward_length(config["intermediate_size"])
        writer.add_rope_scaling_type(gguf.RopeScalingType.YARN)


def _gguf_tensors(model: Model, form: Form) -> dict[str, Floats | Bytes]:
    old = form != "gpt-oss"
    tensors: dict[str, Floats | Bytes] = {
        "token_embd.weight": model.dense["model.embed_tokens.weight"],
        "output.weight": model.dense["lm_head.weight"],
        "output_norm.weight": model.dense["model.norm.weight"],
    }
    for layer in range(model.config["num_hidden_layers"]):
        theirs, ours = f"model.layers.{layer}.", f"blk.{layer}."

        def dense(name: str, prefix: str = theirs) -> Floats:
            return model.dense[prefix + name]

        tensors[f"{ours}attn_norm.weight"] = dense("input_layernorm.weight")
        tensors[f"{ours}{'ffn_norm' if old else 'post_attention_norm'}.weight"] = dense(
            "post_attention_layernorm.weight"
        )
        tensors[f"{ours}{'attn_sinks' if old else 'attn_sinks.weight'}"] = dense("self_attn.sinks")
        experts = f"{theirs}mlp.experts."
        gate_up = model.experts[f"{experts}gate_up_proj"]
        if form == "first":
            tensors[f"{ours}ffn_gate_up_exps.weight"] = _openai_order(gate_up)
            tensors[f"{ours}ffn_gate_up_exps.bias"] = model.dense[f"{experts}gate_up_proj_bias"]
        for kind in ("weight", "bias"):
            q, k, v = (dense(f"self_attn.{n}_proj.{kind}") for n in "qkv")
            if form == "first":
                tensors[f"{ours}attn_qkv.{kind}"] = np.concatenate([q, k, v])
            else:
                tensors |= {f"{ours}attn_q.{kind}": q, f"{ours}attn_k.{kind}": k, f"{ours}attn_v.{kind}": v}
            tensors[f"{ours}{'attn_out' if old else 'attn_output'}.{kind}"] = dense(f"self_attn.o_proj.{kind}")
            tensors[f"{ours}ffn_gate_inp.{kind}"] = dense(f"mlp.router.{kind}")
        for start, name in enumerate(("gate", "up") if form != "first" else ()):
            tensors[f"{ours}ffn_{name}_exps.weight"] = gate_up[:, start::2].copy()
            tensors[f"{ours}ffn_{name}_exps.bias"] = model.dense[f"{experts}gate_up_proj_bias"][:, start::2].copy()
        down = model.experts[f"{experts}down_proj"]
        tensors[f"{ours}ffn_down_exps.weight"] = _openai_order(down) if form == "first" else down
        tensors[f"{ours}ffn_down_exps.bias"] = model.dense[f"{experts}down_proj_bias"]
    return tensors


def _renumber_mxfp4(path: Path) -> None:
    """Give MXFP4 tensors the type number 4, which the writer does not know. In the table, the name and the dimensions
    come before it."""
    data = bytearray(path.read_bytes())
    for name in (t.name for t in gguf.GGUFReader(path).tensors if t.tensor_type == gguf.GGMLQuantizationType.MXFP4):
        encoded = name.encode()
        entry = data.index(len(encoded).to_bytes(8, "little") + encoded)
        number = entry + 8 + len(encoded) + 4 + 3 * 8
        assert data[number] == gguf.GGMLQuantizationType.MXFP4
        data[number] = 4
    path.write_bytes(data)


def to_openai(data: Bytes) -> tuple[Bytes, Bytes]:
    """GGUF blocks u8[..., n * 17] to OpenAI's u8[..., n, 16] and scales u8[..., n], element by element."""
    split = data.reshape(*data.shape[:-1], -1, 17)
    codes = np.concatenate([split[..., 1:] & 15, split[..., 1:] >> 4], axis=-1)
    return codes[..., 0::2] | codes[..., 1::2] << 4, split[..., 0].copy()


def _openai_order(data: Bytes) -> Bytes:
    blocks, scales = to_openai(data)
    return np.concatenate([scales[..., None], blocks], axis=-1).reshape(data.shape)


def bf16_bits(values: Floats) -> npt.NDArray[np.uint16]:
    return (np.ascontiguousarray(values, np.float32).view(np.uint32) >> 16).astype(np.uint16)


def bf16_values(values: Floats) -> Floats:
    return (np.asarray(values, np.float32).view(np.uint32) & 0xFFFF0000).view(np.float32)


def write_safetensors(path: Path, tensors: dict[str, tuple[str, npt.NDArray[Any]]]) -> None:
    """Arrays with the names of their types in the format."""
    header: dict[str, Any] = {"__metadata__": {"format": "pt"}}
    end = 0
    for name, (dtype, values) in tensors.items():
        begin, end = end, end + values.nbytes
        header[name] = {"dtype": dtype, "shape": list(values.shape), "data_offsets": [begin, end]}
    encoded = json.dumps(header).encode()
    encoded += b" " * (-len(encoded) % 8)
    with open(path, "wb") as file:
        file.write(len(encoded).to_bytes(8, "little") + encoded)
        for _, values in tensors.values():
            file.write(np.ascontiguousarray(values).tobytes())
