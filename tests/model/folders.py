"""Weights of a published folder as they are, which the product only converts: the oracle of conversions."""

from pathlib import Path

from ossia.convert.huggingface import HuggingFaceTensors, open_folder
from ossia.engine.gpt_oss.matrix import Matrix
from ossia.engine.gpt_oss.weights import Weights, assemble


class _Tensors:
    """Tensors of a folder, under llama.cpp's names and in the form in which weights are assembled."""

    def __init__(self, tensors: HuggingFaceTensors) -> None:
        self._tensors = tensors

    def __contains__(self, name: object, /) -> bool:
        return name in self._tensors

    def matrix(self, name: str, *shape: int) -> Matrix:
        reader = self._tensors.reader(name, *shape)
        return Matrix(reader.read(0, reader.rows), reader.kind, reader.cols)


def load_folder(folder: Path) -> Weights:
    """Load the weights of a folder in either layout. Raises InvalidModelFile."""
    config, tensors = open_folder(folder)
    return assemble(config, _Tensors(tensors))
