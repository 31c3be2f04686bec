import os
import signal
import stat
import subprocess
import sys

import pytest

import actcli
from actcli import files
from actcli.files import whole_file

ROOT = os.path.dirname(os.path.dirname(actcli.__file__))


NAMELESS = files._nameless


@pytest.fixture(autouse=True, params=["nameless", "named"])
def directory(request, tmp_path, monkeypatch):
    """Every test runs where the system has files without names, and where it has none."""
    if request.param == "named":
        monkeypatch.setattr("actcli.files._nameless", lambda directory: None)
    monkeypatch.chdir(tmp_path)


def mode(path):
    return stat.S_IMODE(os.stat(path).st_mode)


def test_a_file_appears_when_it_is_whole():
    with whole_file("new.txt") as stream:
        stream.write("é\r\n")
        assert not os.path.exists("new.txt")
    with open("new.txt", "rb") as found:
        assert found.read() == "é\r\n".encode()
    assert os.listdir() == ["new.txt"]


def test_bytes():
    with whole_file("new.bin", "wb") as stream:
        stream.write(b"\x00\n")
    with open("new.bin", "rb") as found:
        assert found.read() == b"\x00\n"


def test_a_failure_leaves_the_old_file():
    with open("old", "w") as stream:
        stream.write("old")
    for failure in (RuntimeError, KeyboardInterrupt, BrokenPipeError):
        with pytest.raises(failure):  # noqa: PT012, SIM117
            with whole_file("old") as stream:
                stream.write("new")
                raise failure
    with open("old") as found:
        assert found.read() == "old"
    assert os.listdir() == ["old"]


def test_permissions_follow_umask_and_the_old_file():
    before = os.umask(0o027)
    try:
        with whole_file("new"):
            pass
        assert mode("new") == 0o640
        os.chmod("new", 0o604)
        with whole_file("new"):
            pass
        assert mode("new") == 0o604
    finally:
        os.umask(before)


def test_links_stay_links():
    os.mkdir("elsewhere")
    os.symlink("elsewhere/target", "link")
    with whole_file("link") as stream:
        stream.write("x")
    assert os.path.islink("link")
    assert os.listdir("elsewhere") == ["target"]


def test_devices_are_written_to():
    with whole_file(os.devnull) as stream:
        stream.write("x")
    assert stat.S_ISCHR(os.stat(os.devnull).st_mode)


@pytest.mark.skipif(not os.path.exists("/dev/stdout"), reason="no such device here")
def test_standard_output_by_name(tmp_path):
    code = "from actcli.files import whole_file\nwith whole_file('/dev/stdout') as s: s.write('x')"
    env = os.environ | {"PYTHONPATH": ROOT}
    assert subprocess.check_output([sys.executable, "-c", code], env=env) == b"x"
    with open("out", "w") as out:
        for _ in range(2):  # neither replaces nor overwrites what is there already
            subprocess.run([sys.executable, "-c", code], env=env, stdout=out, check=True)
    with open("out") as found:
        assert found.read() == "xx"


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("", "cannot write '': it names no file; add a file name"),
        (".", "cannot write '.': it names no file; add a file name"),
        ("none/", "cannot write 'none/': it names no file"),
        ("none/x.txt", "cannot write 'none/x.txt': there is no directory 'none'; make it first"),
        ("x" * 300, "cannot write 'x+': File name too long"),
    ],
)
def test_what_cannot_be_written(path, message):
    with pytest.raises(ValueError, match=message), whole_file(path):
        pass
    assert os.listdir() == []


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no full device here")
def test_a_full_disk_is_said_to_be_full():
    with pytest.raises(ValueError, match="cannot write '/dev/full': No space left"):  # noqa: SIM117
        with whole_file("/dev/full") as stream:
            stream.write("x")


def test_read_only_files_are_kept(monkeypatch):
    with open("old", "w"):
        pass
    access = os.access  # root may write anything
    for locked, message in (("old", "the file is read-only"), ("", "its directory is read-only")):
        path = os.path.realpath(locked)
        monkeypatch.setattr(os, "access", lambda p, how, path=path: p != path and access(p, how))
        with pytest.raises(ValueError, match=f"'old': {message}; choose another"):  # noqa: SIM117
            with whole_file("old"):
                pass


def half_written(setup):
    code = (
        f"import sys; from actcli import files; {setup}\n"
        "with files.whole_file('new') as stream:\n"
        "    stream.write('half'); print('ready', flush=True); sys.stdin.read()\n"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": ROOT},
    )  # fmt: skip
    assert child.stdout.readline() == b"ready\n"
    return child


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_termination_removes_the_temporary_file():
    with half_written("files._nameless = lambda directory: None") as child:
        assert len(os.listdir()) == 1
        child.terminate()
    assert child.returncode == 128 + signal.SIGTERM
    assert os.listdir() == []


@pytest.mark.parametrize("old", [False, True])
def test_a_killed_process_leaves_nothing(old):
    if old:
        with open("new", "w") as stream:
            stream.write("old")
    known = NAMELESS(".") is not None  # else nothing can be promised
    with half_written("") as child:
        child.kill()
    assert not known or os.listdir() == ["new"] * old
    if old:
        with open("new") as stream:
            assert stream.read() == "old"
