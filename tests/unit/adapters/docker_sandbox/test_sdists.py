"""A source archive's project file is read without unpacking anything."""

import io
import tarfile
import zipfile
from pathlib import Path

import pytest

from grader.adapters.docker_sandbox.sdists import LEGACY, _build_requirements, _wheel
from grader.domain.observation import Ended
from grader.domain.sandbox import SandboxOutcome
from grader.errors import InputInvalid

PROJECT = b'[build-system]\nrequires = ["flit_core>=3", "tomli; python_version<\'3.11\'"]\n'


def _tar(folder: Path, files: dict[str, bytes]) -> Path:
    archive = folder / "x-1.tar.gz"
    with tarfile.open(archive, "w:gz") as tar:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return archive


def test_build_requirements_come_from_the_topmost_project_file(tmp_path: Path) -> None:
    archive = _tar(tmp_path, {"x-1/tests/pyproject.toml": b"x", "x-1/pyproject.toml": PROJECT})
    assert _build_requirements(archive) == ("flit_core>=3", 'tomli; python_version < "3.11"')


def test_a_zip_is_read_too(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "x-1.zip", "w") as packed:
        packed.writestr("x-1/pyproject.toml", PROJECT)
    assert _build_requirements(tmp_path / "x-1.zip")[0] == "flit_core>=3"


@pytest.mark.parametrize(
    "project",
    [b"", b"\xff", b"[build-system", b"[build-system]\nrequires = 3", b"[build-system]\nrequires = ['a b']",
     b"build-system = 1", b"[build-system]\nrequires = []"],
)  # fmt: skip
def test_a_broken_project_file_asks_for_the_usual(tmp_path: Path, project: bytes) -> None:
    assert _build_requirements(_tar(tmp_path, {"x-1/pyproject.toml": project})) == LEGACY


def test_no_archive_at_all_asks_for_the_usual(tmp_path: Path) -> None:
    (tmp_path / "x-1.tar.gz").write_bytes(b"not an archive")
    assert _build_requirements(tmp_path / "x-1.tar.gz") == LEGACY


@pytest.mark.parametrize("name", [b"y-1-py3-none-any.whl", b"../x-1-py3-none-any.whl", b"x.whl", b"", b"\xff"])
def test_a_build_cannot_pass_off_another_package(name: bytes) -> None:
    with pytest.raises(InputInvalid, match="has no wheel"):
        _wheel("x==1", _ended(name + b"\nbytes"))


def test_a_built_wheel_is_taken() -> None:
    assert _wheel("X==1", _ended(b"x-1-py3-none-any.whl\nby\ntes")) == ("x-1-py3-none-any.whl", b"by\ntes")


def _ended(stdout: bytes) -> SandboxOutcome:
    return SandboxOutcome(ended=Ended.EXITED, status=0, stdout=stdout, stderr=b"", seconds=0.0, runtime="runc")
