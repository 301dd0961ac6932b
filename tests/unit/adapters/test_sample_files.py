"""The shipped samples: the same commits everywhere, over the starter, with manifest and timeline that read well."""

import subprocess
from pathlib import Path

import pytest

from grader.adapters.case_files import CaseFiles
from grader.adapters.sample_files import REPOSITORY, SampleFiles
from grader.errors import InputInvalid
from grader.intake.manifest import Trust, read_manifest
from grader.intake.repro import read_repro
from grader.intake.timeline import read_timeline

SAMPLES = SampleFiles()


def git(repository: Path, *arguments: str) -> str:
    done = subprocess.run(("git", "-C", repository, *arguments), capture_output=True, text=True, check=True)
    return done.stdout


@pytest.mark.parametrize("name", SAMPLES.names())
def test_a_sample_is_a_history_on_top_of_the_starter(name: str, tmp_path: Path) -> None:
    starter = CaseFiles().get(SAMPLES.case_of(name)).starter
    sample = SAMPLES.build(name, starter, tmp_path / "one")
    repository = sample.manifest.parent / REPOSITORY
    first = git(repository, "rev-list", "--max-parents=0", "main").strip()
    assert git(repository, "ls-tree", "-r", "--name-only", first).split() == [file.path for file in starter.files]
    assert int(git(repository, "rev-list", "--count", "main")) >= 3
    again = SAMPLES.build(name, starter, tmp_path / "two").manifest.parent / REPOSITORY
    assert git(again, "rev-parse", "main") == git(repository, "rev-parse", "main")


@pytest.mark.parametrize("name", SAMPLES.names())
def test_its_files_read_well(name: str, tmp_path: Path) -> None:
    sample = SAMPLES.build(name, CaseFiles().get(SAMPLES.case_of(name)).starter, tmp_path)
    manifest = read_manifest(sample.manifest.read_bytes(), where="submission.toml", trust=Trust.OPERATOR)
    timeline = read_timeline(sample.timeline.read_bytes(), where="timeline.json")
    assert (manifest.case, manifest.source) == (sample.case, REPOSITORY)
    assert timeline.opened_at < sample.received_at
    assert all(timeline.opened_at <= event.at < timeline.closes_at for event in timeline.events)
    for path in (SAMPLES._root / name).rglob("repro.json"):
        assert read_repro(path.read_bytes(), where=name).turns


def test_an_unknown_sample_lists_the_known_ones() -> None:
    with pytest.raises(InputInvalid, match="known are good, green-before, no-test"):
        SAMPLES.case_of("nope")
