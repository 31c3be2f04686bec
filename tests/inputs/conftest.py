"""Files of inputs."""

import pytest


@pytest.fixture
def file(tmp_path, monkeypatch):
    """Write content to numbers.txt (or another name) in the current directory."""
    monkeypatch.chdir(tmp_path)

    def write(content, name="numbers.txt"):
        (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
        return name

    return write
