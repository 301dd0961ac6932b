"""One case from its folder, filled in for one deployment."""

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from typing import Any

import yaml

from grader.adapters.case_files import model, probes, truth, yaml_lines
from grader.adapters.case_files.folder import Folder
from grader.adapters.case_files.instance import Instance, Option
from grader.adapters.case_files.schema import (
    Calibrations,
    CaseFile,
    HiddenModel,
    ProbeEntry,
    Probes,
    PublicModel,
    Taxonomy,
    Variants,
)
from grader.domain.case import Band, Calibration, Case, CaseId, Judging, Probe, RootCause, Variant
from grader.domain.sandbox import EnvironmentRecipe
from grader.domain.score import DimensionId, from_decimal
from grader.domain.tree import File, Tree
from grader.errors import CaseBroken


def case(folder: Folder, taxonomy: Taxonomy, secret: str) -> Case:
    """Everything of one case; CaseBroken names file, line and field of the first mistake."""
    about = folder.yaml("case.yaml", CaseFile)
    if about.id != folder.name:
        raise CaseBroken(f"{folder.where('case.yaml')}:1: id: {about.id} is not the folder's name")
    instance = Instance(secret=secret, case=about.id)
    facts = instance.slots(_declared(folder, "grader/model_hidden.yaml"))
    starter = folder.tree("starter")
    reference = folder.patched(starter, "grader/reference.patch", asked_by="every case")
    variants = tuple(_variants(folder, starter, reference))
    reader = _Reader(folder, instance, facts, taxonomy)
    public = (*reader.probes("cases/public.yaml"),)
    script = _script(folder, facts, public)
    return Case(
        id=CaseId(about.id),
        title=about.title,
        domain=about.domain,
        module=about.app.module,
        today=about.today,
        environment=EnvironmentRecipe(installs=tuple(about.environment.installs)),
        warm=tuple(about.environment.warm),
        root_cause=_root_cause(about, taxonomy, folder),
        starter=starter,
        reference=reference,
        variants=variants,
        calibrations=tuple(_calibrations(folder, starter, reference, variants, taxonomy)),
        archetypes=tuple(entry.id for entry in taxonomy.archetypes if not entry.optional),
        model=script,
        judging=_judging(folder, about, facts),
        public=public,
        hidden=reader.probes("grader/hidden.yaml"),
        benign=(*reader.probes("cases/benign_public.yaml"), *reader.probes("grader/benign.yaml")),
        hints={category.id: category.hint for category in taxonomy.categories},
        truth=truth.read(folder),
        digest=_digest(folder, secret),
    )


class _Reader:
    """Reads probe files: slots of a file are drawn anew for each probe, the model's once for the case."""

    def __init__(self, folder: Folder, instance: Instance, facts: Mapping[str, Option], taxonomy: Taxonomy) -> None:
        self._folder, self._instance, self._facts = folder, instance, facts
        self._categories = {category.id for category in taxonomy.categories} | {"public", "benign"}
        self._files = {file.path: file.content for file in folder.tree("grader/files").files}
        model_file = folder.yaml("model.yaml", PublicModel)
        hidden = _hidden(folder, facts)
        self._topics = {topic.id for topic in model.merged(model_file.topics, hidden.topics)}

    def probes(self, path: str) -> tuple[Probe, ...]:
        """The probes of one file, in its order."""
        data, node = yaml_lines.read(self._folder.text(path), where=self._folder.where(path))
        raw = yaml_lines.check(Probes, data, node, where=self._folder.where(path))
        seen: set[str] = set()
        found = []
        for place, entry in enumerate(raw.probes):
            slots = {**self._facts, **self._instance.slots(raw.slots, entry.id)}
            filled = self._folder.filled(data["probes"][place], slots, path)
            line = yaml_lines.line_of(node, ("probes", place))
            found.append(self._probe(ProbeEntry.model_validate(filled), f"{self._folder.where(path)}:{line}"))
            if entry.id in seen:
                raise CaseBroken(f"{self._folder.where(path)}:{line}: id: {entry.id} stands here a second time")
            seen.add(entry.id)
        return tuple(found)

    def _probe(self, entry: ProbeEntry, where: str) -> Probe:
        if entry.metadata.category not in self._categories:
            raise CaseBroken(f"{where}: metadata.category: {entry.metadata.category} is not in taxonomy.yaml")
        named = {*entry.metadata.topics, *(topic for setup in entry.setup for topic in setup.topics)}
        if unknown := sorted(named - self._topics):
            raise CaseBroken(f"{where}: topics: {unknown[0]} is not in model.yaml or model_hidden.yaml")
        if missing := sorted(set(entry.files.values()) - set(self._files)):
            raise CaseBroken(f"{where}: files: grader/files/{missing[0]} is missing")
        try:
            return probes.probe(entry, self._instance, self._files)
        except ValueError as error:
            raise CaseBroken(f"{where}: assert: {error}") from None


def _declared(folder: Folder, path: str) -> Mapping[str, Any]:
    data, node = yaml_lines.read(folder.text(path), where=folder.where(path))
    return yaml_lines.check(HiddenModel, data, node, where=folder.where(path)).slots


def _hidden(folder: Folder, facts: Mapping[str, Option]) -> HiddenModel:
    return folder.yaml("grader/model_hidden.yaml", HiddenModel, facts)


def _script(folder: Folder, facts: Mapping[str, Option], public: Iterable[Probe]) -> dict[str, Any]:
    asked = [probe.turn.text for probe in public]
    return model.script(folder.yaml("model.yaml", PublicModel), _hidden(folder, facts), folder, asked)


def public_script(folder: Folder) -> dict[str, Any]:
    """The scripted model's script that learners receive."""
    asked = [text for entry in folder.yaml("cases/public.yaml", Probes).probes for text in entry.input]
    return model.script(folder.yaml("model.yaml", PublicModel), None, folder, asked)


def _judging(folder: Folder, about: CaseFile, facts: Mapping[str, Option]) -> Judging:
    topics = model.merged(folder.yaml("model.yaml", PublicModel).topics, _hidden(folder, facts).topics)
    corpus: dict[str, str] = {}
    for path in about.citations.corpus:
        for entry in yaml.safe_load(folder.content(f"starter/{path}", asked_by="case.yaml")):
            corpus[str(entry["id"])] = " ".join(str(value) for value in entry.values())
    return Judging(
        abstentions=tuple(pattern for patterns in about.abstention.values() for pattern in patterns),
        unsafe=model.unsafe_patterns(
            topics, abstentions=about.abstention, where=folder.where("model.yaml, grader/model_hidden.yaml")
        ),
        corpus=corpus,
        citation=about.citations.pattern,
    )


def _root_cause(about: CaseFile, taxonomy: Taxonomy, folder: Folder) -> RootCause:
    by_id = {entry.id: entry for entry in taxonomy.classes}
    codes = [about.failure_class.code, *about.failure_class.content]
    if unknown := [code for code in codes if code not in by_id]:
        raise CaseBroken(f"{folder.where('case.yaml')}: failure_class: {unknown[0]} is not in taxonomy.yaml")
    names = tuple(name for code in codes for name in (by_id[code].name, code))
    root = about.root_cause
    return RootCause(classes=names, files=tuple(root.files), symbols=tuple(root.symbols), commit=root.commit)


def _variants(folder: Folder, starter: Tree, reference: Tree) -> Iterable[Variant]:
    for entry in folder.yaml("grader/variants.yaml", Variants).variants:
        base = starter if entry.on == "starter" else reference
        path = f"grader/variants/{entry.id}.patch"
        yield Variant(id=entry.id, kind=entry.kind, tree=folder.patched(base, path, asked_by="grader/variants.yaml"))


def _calibrations(
    folder: Folder, starter: Tree, reference: Tree, variants: Iterable[Variant], taxonomy: Taxonomy
) -> Iterable[Calibration]:
    where = "grader/calibrations.yaml"
    products = {"starter": starter, "reference": reference, **{v.id: v.tree for v in variants}}
    kinds = {entry.id: entry for entry in taxonomy.archetypes}
    for entry in folder.yaml(where, Calibrations).submissions:
        if entry.archetype not in kinds or entry.product not in products:
            unknown = entry.archetype if entry.archetype not in kinds else entry.product
            raise CaseBroken(f"{folder.where(where)}: submissions: {unknown} is unknown")
        tree = products[entry.product]
        for path in entry.patches:
            tree = folder.patched(tree, f"grader/{path}", asked_by=where)
        laid = [
            File(path=to, content=folder.content(f"grader/{path}", asked_by=where)) for to, path in entry.files.items()
        ]
        kind = kinds[entry.archetype]
        yield Calibration(
            archetype=entry.archetype,
            tree=tree.with_files(laid),
            bands=(
                _band("hotfix_correctness", kind.hotfix_correctness),
                _band("regression_safety", kind.regression_safety),
            ),
        )


def _band(dimension: str, ends: tuple[float, float]) -> Band:
    return Band(dimension=DimensionId(dimension), lowest=from_decimal(ends[0]), highest=from_decimal(ends[1]))


def _digest(folder: Folder, secret: str) -> str:
    """Equal for equal files and equal secrets; tells nothing about the secret."""
    return hmac.digest(secret.encode(), folder.tree(".").digest.encode(), hashlib.sha256).hex()
