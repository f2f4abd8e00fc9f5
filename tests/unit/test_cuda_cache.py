"""Bytecode of packages: kept in our folder where theirs has none and cannot get any, else left alone."""

import sys
from importlib.util import cache_from_source
from pathlib import Path

import pytest

from ossia.engine.gpt_oss.cuda.cache import cache_folder, keep_bytecode


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The source of a package that can be found, by the name `large`."""
    source = tmp_path / "large" / "__init__.py"
    source.parent.mkdir()
    source.write_text("")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(sys, "pycache_prefix", None)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    return source


def test_bytecode_goes_to_our_folder_where_python_may_write_none(package: Path):
    keep_bytecode("large")
    assert sys.pycache_prefix == str(cache_folder() / "bytecode")
    assert not sys.dont_write_bytecode


def test_bytecode_that_is_there_is_used(package: Path):
    bytecode = Path(cache_from_source(str(package)))
    bytecode.parent.mkdir()
    bytecode.touch()
    keep_bytecode("large")
    assert sys.pycache_prefix is None


def test_an_import_that_writes_it_is_left_alone(package: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    keep_bytecode("large")
    assert sys.pycache_prefix is None


def test_a_package_that_is_missing_changes_nothing():
    keep_bytecode("no_such_package")
    assert sys.pycache_prefix is None
