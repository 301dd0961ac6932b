"""The `Cases` port over folders of YAML files: the shipped cases, and private ones of the same shape."""

from collections.abc import Iterable, Iterator, Sequence
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from grader.adapters.case_files import author, build, yaml_lines
from grader.adapters.case_files.folder import Folder
from grader.adapters.case_files.schema import Taxonomy
from grader.domain.case import Case, CaseId
from grader.errors import CaseBroken, InputInvalid


def shipped() -> Traversable:
    """The folder of the cases that come with the package."""
    installed = files("grader") / "_cases"
    return installed if installed.is_dir() else Path(__file__).parents[3] / "fixtures" / "hallucination_cases"


def examples() -> Traversable:
    """The folder of the example of a private case: not among the cases of a deployment, but a pattern for new ones."""
    installed = files("grader") / "_private_cases"
    return installed if installed.is_dir() else Path(__file__).parents[3] / "examples" / "private-cases"


class CaseFiles:
    """Cases of the shipped folder and of private ones; a private case hides a shipped one of the same id."""

    def __init__(self, *, private: Sequence[Path] = (), secret: str = "") -> None:
        """`secret` fills in the hidden probes; two deployments with different ones ask different questions."""
        self._roots: tuple[Traversable, ...] = (*private, shipped())
        self._secret = secret

    def ids(self) -> tuple[CaseId, ...]:
        """All cases there are, sorted."""
        return tuple(sorted({CaseId(folder.name) for folder in self._folders()}))

    def get(self, case_id: CaseId) -> Case:
        """The case, filled in for this deployment; raises InputInvalid or CaseBroken as the port says."""
        folder = self.folder(case_id)
        return build.case(folder, self.taxonomy(), self._secret)

    def folder(self, case_id: CaseId) -> Folder:
        """Where a case's files are; raises InputInvalid when there is no such case."""
        return _named(case_id, self._folders())

    def copy(self, case_id: CaseId, target: Path, title: str) -> author.Copied:
        """A new case in `target`, as a copy of any or of the example; raises InputInvalid as `author.new` does."""
        return author.new(_named(case_id, (*self._folders(), *_folders(examples()))), target, title)

    def pack(self, case_id: CaseId, bundle: Path) -> None:
        """What learners receive, as a Git bundle; raises InputInvalid or CaseBroken."""
        folder = self.folder(case_id)
        author.pack(folder, build.public_script(folder), bundle)

    def taxonomy(self) -> Taxonomy:
        """Classes, categories and archetypes; one file for all cases."""
        path = shipped() / "taxonomy.yaml"
        if not path.is_file():
            raise CaseBroken("taxonomy.yaml: the file is missing")
        data, node = yaml_lines.read(path.read_text(encoding="utf-8"), where="taxonomy.yaml")
        return yaml_lines.check(Taxonomy, data, node, where="taxonomy.yaml")

    def _folders(self) -> Iterator[Folder]:
        for root in self._roots:
            if not root.is_dir():
                raise InputInvalid(f"{root}: no such folder of cases (GRADER_CASES)")
            yield from _folders(root)


def _folders(root: Traversable) -> Iterator[Folder]:
    for entry in root.iterdir():
        if entry.is_dir() and (entry / "case.yaml").is_file():
            yield Folder(entry, entry.name)


def _named(case_id: CaseId, folders: Iterable[Folder]) -> Folder:
    """The first of a name; raises InputInvalid when there is none."""
    known = set()
    for folder in folders:
        if folder.name == case_id:
            return folder
        known.add(folder.name)
    raise InputInvalid(f"unknown case {case_id!r}; known are {', '.join(sorted(known))}")
