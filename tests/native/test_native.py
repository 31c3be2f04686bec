"""The compiled part: built where a compiler is, and missed by nobody where none is."""

import shutil

import pytest
from processes import ENVIRONMENT, finished

from actcli import native
from actcli.native import build

COMPILER = shutil.which("c++")


@pytest.mark.skipif(COMPILER is None, reason="no C++ compiler is installed")
def test_what_is_built_loads(tmp_path):
    import ctypes

    library = build.build(tmp_path / "kernel.so")
    assert ctypes.CDLL(str(library)).interface() == native.INTERFACE
    assert [*tmp_path.iterdir()] == [library]


@pytest.mark.parametrize("compiler", ["no-such-compiler", "false"])
def test_a_failing_compiler_is_named_and_leaves_nothing(tmp_path, monkeypatch, compiler):
    monkeypatch.setenv("CXX", compiler)
    with pytest.raises(OSError, match=compiler):
        build.build(tmp_path / "kernel.so")
    assert not [*tmp_path.iterdir()]


def test_a_library_that_does_not_load_is_not_used(tmp_path, monkeypatch):
    broken = tmp_path / "kernel.so"
    broken.write_bytes(b"\x7fELF and no more")
    monkeypatch.setattr(native, "PATH", str(broken))
    native.library.cache_clear()
    try:
        assert native.library() is None
    finally:
        native.library.cache_clear()


def test_the_version_says_when_there_is_none():
    done = finished("--version", env=ENVIRONMENT | {"ACTCLI_NATIVE": "0"})
    assert "without its compiled part" in done.stdout
