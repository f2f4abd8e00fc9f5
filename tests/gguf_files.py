"""GGUF files as tests write them."""

from pathlib import Path

import gguf
import numpy as np


def finish(writer: gguf.GGUFWriter) -> None:
    """Write all that was added to the file, and close it."""
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def write_one_tensor(path: Path) -> Path:
    """Write a file of the architecture gpt-oss with one tensor of 64 x 64 values, and no more metadata."""
    writer = gguf.GGUFWriter(path, "gpt-oss")
    writer.add_tensor("output.weight", np.zeros((64, 64), np.float32))
    finish(writer)
    return path
