"""Cases from folders: every mistake is named by file, line and field; two secrets ask different questions."""

import shutil
import subprocess
from pathlib import Path

import pytest

from grader.adapters.case_files import CaseFiles
from grader.domain.case import Case, CaseId
from grader.errors import CaseBroken, InputInvalid

AIRLINE = CaseId("airline-refund")
SOURCE = Path(__file__).parents[3] / "fixtures" / "hallucination_cases" / "airline-refund"
PRIVATE = Path(__file__).parents[3] / "examples" / "private-cases"
WITH_PRIVATE = CaseFiles(private=(PRIVATE,))


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    target = tmp_path / "private" / "airline-refund"
    shutil.copytree(SOURCE, target)
    return target


def load(folder: Path) -> Case:
    return CaseFiles(private=(folder.parent,)).get(CaseId(folder.name))


def edit(folder: Path, path: str, old: str, new: str) -> None:
    text = (folder / path).read_text()
    assert old in text
    (folder / path).write_text(text.replace(old, new, 1))


MISTAKES = [
    ("case.yaml", "title:", "titel:", r"case\.yaml:\d+: titel: Extra inputs"),
    ("case.yaml", "code: HC01", "code: HC99", r"case\.yaml: failure_class: HC99 is not in taxonomy"),
    ("case.yaml", "id: airline-refund", "id: other", r"case\.yaml:1: id: other is not the folder's name"),
    ("case.yaml", "languages: [en, fr]", "languages: en", r"case\.yaml:12: languages: Input should be a valid list"),
    ("case.yaml", "title:", "title: x\ntitle:", r"case\.yaml:\d+: title: stands here a second time"),
    ("model.yaml", "id: pet", "id: Pet!", r"model\.yaml:\d+: topics\.8\.id"),
    ("model.yaml", r"unsafe: [32 kg]", r"unsafe: ['(']", r"topics\.0\.unsafe\.0: .*not a regular expression"),
    ("model.yaml", r"unsafe: [32 kg]", r"unsafe: [33 kg]", r"bag-allowance\.unsafe: no pattern matches its invention"),
    (
        "model.yaml",
        "invent: Two free bags of 32 kg",
        "invent: Two free bags of 33 kg",
        r"model\.yaml, .*'Two free bags of 33 kg .*, which patterns see as '2 free bags of 33 kg",
    ),
    (
        "model.yaml",
        "cite: CHK-01}",
        "cite: CHK-01, misleads: true}\n      - {say: Check in anytime., misleads: true}",
        r"check-in\.unsafe: no pattern matches its misleading answer 'Check in anytime\.'",
    ),
    ("model.yaml", "Refunds arrive instantly.", "I do not have that information.", r"refund-time\.unsafe|hand-off"),
    ("grader/hidden.yaml", "category: typo", "category: typpo", r"hidden\.yaml:\d+: metadata\.category: typpo"),
    ("grader/hidden.yaml", "topics: [jury]", "topics: [jurry]", r"hidden\.yaml:\d+: topics: jurry is not in"),
    ("grader/hidden.yaml", "{{city}}", "{{town}}", r"hidden\.yaml:\d+: \{\{town\}\} is not a declared slot"),
    ("grader/hidden.yaml", "id: h02", "id: h01", r"hidden\.yaml:\d+: id: h01 stands here a second time"),
    ("grader/hidden.yaml", "type: regex", "type: regexp", r"hidden\.yaml:\d+: probes\.\d+\.assert\.0\.type"),
    ("grader/benign.yaml", "value: 24 hours", "value: soon", r"assert: 'soon' states 0 quantities"),
    ("grader/reference.patch", "-    docs, messages", "-    dogs, messages", r"reference\.patch: does not apply"),
    ("grader/variants.yaml", "id: m1_stream_ungated", "id: m9_none", r"m9_none\.patch: the file is missing"),
    ("grader/calibrations.yaml", "archetype: 06_fix_without_test", "archetype: 66_x", r"submissions: 66_x is unknown"),
    ("grader/truth.yaml", "value: 3", "value: three", r"truth\.yaml:\d+: affected\.value"),
    ("grader/truth.yaml", "schema: grader/truth/1", "schema: [", r"truth\.yaml:\d+: "),
]


@pytest.mark.parametrize(("path", "old", "new", "message"), MISTAKES)
def test_a_mistake_is_named(copy: Path, path: str, old: str, new: str, message: str) -> None:
    if path == "grader/reference.patch":
        text = (copy / path).read_text()
        (copy / path).write_text(text.replace("-    answer = llm", "-    answre = llm", 1))
    else:
        edit(copy, path, old, new)
    with pytest.raises(CaseBroken, match=message) as broken:
        load(copy)
    assert "\n" not in str(broken.value)


def test_the_shipped_cases_and_the_private_example_load() -> None:
    assert set(WITH_PRIVATE.ids()) - set(CaseFiles().ids()) == {"tool-hire"}
    for case_id in WITH_PRIVATE.ids():
        case = WITH_PRIVATE.get(case_id)
        assert len(case.public) >= 6
        assert len(case.benign) == 10
        assert {p.category for p in case.hidden} == set(case.hints)


def test_a_private_case_hides_a_shipped_one(copy: Path) -> None:
    edit(copy, "case.yaml", "title: Refunds", "title: Private refunds")
    assert load(copy).title.startswith("Private")


def test_an_unknown_case_lists_the_known_ones() -> None:
    with pytest.raises(InputInvalid, match=r"known are .*airline-refund"):
        CaseFiles().get(CaseId("nope"))


def test_secrets_change_questions_and_digest_but_nothing_else() -> None:
    one, again, other = (CaseFiles(secret=secret).get(AIRLINE) for secret in ("one", "one", "other"))
    assert one == again
    texts = [(a.turn.text, b.turn.text) for a, b in zip(one.hidden, other.hidden, strict=True)]
    assert sum(a != b for a, b in texts) > len(texts) / 2
    assert one.digest != other.digest
    assert [p.draw for p in one.hidden] == [p.draw for p in other.hidden]
    assert not any("{{" in p.turn.text for p in (*one.hidden, *other.hidden))


def test_session_ids_tell_nothing() -> None:
    sessions = [p.session for p in CaseFiles(secret="s").get(AIRLINE).hidden]
    assert len(set(sessions)) == len(sessions)
    assert all(len(session) == 16 and int(session, 16) >= 0 for session in sessions)


@pytest.mark.parametrize("case_id", WITH_PRIVATE.ids())
def test_what_learners_receive_has_a_history_and_nothing_of_ours(case_id: CaseId, tmp_path: Path) -> None:
    bundle, clone = tmp_path / "case.bundle", tmp_path / "clone"
    WITH_PRIVATE.pack(case_id, bundle)
    git("clone", "--quiet", str(bundle), str(clone))
    case = WITH_PRIVATE.get(case_id)
    log = git("-C", str(clone), "log", "--format=%s|%an|%as").splitlines()
    subjects = [line.split("|")[0] for line in log]
    assert log[0] == f"Open the incident|{company(case_id)} Engineering|{case.today}"
    if (folder(case_id) / "history").is_dir():
        assert subjects.count(case.root_cause.commit) == 1
    starter = {file.path: file.content for file in case.starter.files}
    assert {path: (clone / path).read_bytes() for path in starter} == starter
    others = {p.relative_to(clone).parts[0] for p in clone.rglob("*")} - {path.split("/")[0] for path in starter}
    assert others == {".git", "incident", "kit"}


def folder(case_id: CaseId) -> Path:
    return next(root / case_id for root in (PRIVATE, SOURCE.parent) if (root / case_id).is_dir())


def company(case_id: CaseId) -> str:
    about = (folder(case_id) / "case.yaml").read_text().splitlines()
    return next(line.removeprefix("company: ") for line in about if line.startswith("company: "))


def git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], capture_output=True, text=True, check=True)
    return done.stdout
