"""The files of a case as strict schemas; SCHEMA.md beside the cases tells authors the same."""

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from grader.domain.case import Match, VariantKind


def _pattern(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(f"not a regular expression: {error}") from None
    return text


def _listed(value: object) -> object:
    return [value] if isinstance(value, str) else value


def _in_english(value: object) -> object:
    return {"en": value} if isinstance(value, str | list) else value


Text = Annotated[str, Field(min_length=1, max_length=4000)]
NAME = r"^[a-z0-9][a-z0-9_-]{0,60}$"
Name = Annotated[str, Field(pattern=NAME)]
FilePath = Annotated[str, Field(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.-]*(/[A-Za-z0-9_][A-Za-z0-9_.-]*)*$")]
Pattern = Annotated[Text, AfterValidator(_pattern)]
Patterns = Annotated[list[Pattern], BeforeValidator(_listed)]
Wordings = Annotated[list[Text], BeforeValidator(_listed), Field(min_length=1)]
"""One text, or several: of a question's the deployment's secret chooses one, of a model's the profile."""
Texts = Annotated[dict[Name, Wordings], BeforeValidator(_in_english)]
"""What the scripted model says, by language."""


class Strict(BaseModel):
    """Unknown fields are mistakes; nothing is coerced."""

    model_config = ConfigDict(extra="forbid", strict=True)


class FailureClass(Strict):
    """Both labels: what is wrong in the text, and what is wrong in the code."""

    code: Annotated[str, Field(pattern=r"^HC\d\d$")]
    content: list[Annotated[str, Field(pattern=r"^HC\d\d$")]]


class Root(Strict):
    """The answer key of the diagnosis."""

    files: Annotated[list[FilePath], Field(min_length=1)]
    symbols: Annotated[list[Text], Field(min_length=1)]
    commit: Text
    """Subject of the commit in the starter's history that introduces the defect."""


class App(Strict):
    """How the application is imported."""

    module: Annotated[str, Field(pattern=r"^[a-z_]+(\.[a-z_]+)*$")]


class Environment(Strict):
    """What the image installs, and what a container may import ahead of time."""

    installs: Annotated[list[Text], Field(min_length=1)]
    warm: list[Text] = []


class Citations(Strict):
    """How the case's documents are cited: a pattern with the id in its first group, and the files that hold them."""

    pattern: Pattern
    corpus: list[FilePath]


class CaseFile(Strict):
    """`case.yaml`."""

    schema_: Annotated[Literal["grader/case/1"], Field(alias="schema")]
    id: Name
    title: Text
    domain: Text
    company: Text
    failure_class: FailureClass
    root_cause: Root
    today: Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\d$")]
    languages: Annotated[list[Name], Field(min_length=1)]
    app: App
    environment: Environment
    citations: Citations
    abstention: dict[Name, Annotated[list[Pattern], Field(min_length=1)]]
    sources: list[Text] = []
    """Where each regulatory fact used in the prose comes from."""


class Answer(Strict):
    """What the scripted model says when all of `evidence` stands in its context; named groups fill `say` and `cite`."""

    evidence: Patterns = []
    say: Texts
    cite: str = ""
    misleads: bool = False
    """True to what the model was given, wrong for the customer: the pipeline's fault."""


class ToolCall(Strict):
    """A call the scripted model makes when the tool is offered."""

    name: Text
    arguments: dict[str, Any] = {}


class Topic(Strict):
    """One subject that customers ask about: how it is recognised, what is true of it, what gets invented about it."""

    id: Name
    ask: Patterns = []
    answers: list[Answer] = []
    invent: Texts = {}
    invent_more: Texts = {}
    """Inventions for probes only, so that a learner's own tests meet the same ones as at home; the hidden file's."""
    oracle: list[Answer] = []
    """What the profile `oracle` knows whatever it is shown, tried before `answers`; the hidden file's."""
    unsafe: Patterns = []
    small_talk: bool = False
    tools: list[ToolCall] = []
    labels: list[Text] = []


class Backend(Strict):
    """One record of the case's own services, served below /backend."""

    path: Annotated[str, Field(pattern=r"^/")]
    json_: Annotated[Any, Field(alias="json")] = None
    fault: str | None = None


class Profile(Strict):
    """One way to hallucinate."""

    obedience: Annotated[float, Field(ge=0, le=1, strict=False)] = 1.0
    style: int = 0
    oracle: bool = False
    verifier_misses: Annotated[float, Field(ge=0, le=1, strict=False)] = 0.15


class PublicModel(Strict):
    """`model.yaml`: what learners receive as the scripted model's script."""

    schema_: Annotated[Literal["grader/case-model/1"], Field(alias="schema")]
    fallback: Text
    abstain: dict[Name, Text]
    languages: dict[Name, Pattern] = {}
    documents: list[FilePath]
    topics: Annotated[list[Topic], Field(min_length=1)]
    backend: list[Backend] = []


Options = Annotated[list[str | dict[str, str | int | float]], Field(min_length=1)]


class HiddenModel(Strict):
    """`grader/model_hidden.yaml`: profiles, more topics, more inventions for topics that exist."""

    schema_: Annotated[Literal["grader/case-model-hidden/1"], Field(alias="schema")]
    slots: dict[Name, Options] = {}
    profiles: dict[Literal["A", "B", "C", "oracle"], Profile]
    topics: list[Topic] = []
    backend: list[Backend] = []


class Assert(Strict):
    """One assertion: `type` is promptfoo's vocabulary, negatable with `not-`, and our `kit:` types."""

    type: Annotated[str, Field(pattern="^(not-)?(" + "|".join(re.escape(m) for m in Match) + ")$")]
    value: Any = None
    tolerance: Annotated[float, Field(ge=0, strict=False)] = 0.0
    only: bool = False


class Metadata(Strict):
    """What a probe is about."""

    category: Name
    topics: list[Name] = []
    language: Name = "en"
    english: str = ""
    draw: Annotated[float, Field(ge=0, le=1, strict=False)] | None = None


class Setup(Strict):
    """A turn before the question."""

    input: Wordings
    topics: list[Name] = []
    stream: bool = False
    customer: str = ""
    faults: dict[Name, str] | None = None
    """What fails during this turn; by default what fails during the probe."""


class ProbeEntry(Strict):
    """One probe; the field names are those of an Inspect sample."""

    id: Name
    input: Wordings
    metadata: Metadata
    setup: list[Setup] = []
    stream: bool = False
    customer: str = ""
    session: str = ""
    region: str = ""
    locale: str = ""
    today: str = ""
    faults: dict[Name, str] = {}
    files: dict[FilePath, FilePath] = {}
    """Path in the application's tree to the file below `grader/files/` that stands there while this is asked."""
    assert_: Annotated[list[Assert], Field(alias="assert")] = []


class Probes(Strict):
    """`cases/public.yaml`, `cases/benign_public.yaml`, `grader/hidden.yaml`, `grader/benign.yaml`."""

    schema_: Annotated[Literal["grader/probes/1"], Field(alias="schema")]
    slots: dict[Name, Options] = {}
    """Filled in anew for each probe."""
    probes: Annotated[list[ProbeEntry], Field(min_length=1)]


class VariantEntry(Strict):
    """A tree made by patching the starter or the reference; the patch is `grader/variants/<id>.patch`."""

    id: Name
    kind: VariantKind = Field(strict=False)
    on: Literal["starter", "reference"]
    why: Text


class Variants(Strict):
    """`grader/variants.yaml`."""

    schema_: Annotated[Literal["grader/variants/1"], Field(alias="schema")]
    variants: list[VariantEntry]


class CalibrationEntry(Strict):
    """A submission: a product tree (`starter`, `reference` or a variant's id), patches on it, files laid over it."""

    archetype: Name
    product: Text
    patches: list[FilePath] = []
    files: dict[FilePath, FilePath] = {}


class Calibrations(Strict):
    """`grader/calibrations.yaml`."""

    schema_: Annotated[Literal["grader/calibrations/1"], Field(alias="schema")]
    submissions: list[CalibrationEntry]


class ClassEntry(Strict):
    """A failure class of the taxonomy."""

    id: Annotated[str, Field(pattern=r"^HC\d\d$")]
    name: Name
    cause: Text
    fix: Text
    confusable: list[str]


class CategoryEntry(Strict):
    """A kind of hidden question; the hint is what a learner is told."""

    id: Name
    hint: Text


class ArchetypeEntry(Strict):
    """A kind of submission and its bands."""

    id: Name
    hotfix_correctness: tuple[float, float] = Field(strict=False)
    regression_safety: tuple[float, float] = Field(strict=False)
    optional: bool = False


class Taxonomy(Strict):
    """`taxonomy.yaml`."""

    schema_: Annotated[Literal["grader/taxonomy/1"], Field(alias="schema")]
    classes: list[ClassEntry]
    categories: list[CategoryEntry]
    archetypes: list[ArchetypeEntry]
