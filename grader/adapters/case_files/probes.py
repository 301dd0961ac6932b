"""Probe entries of the YAML files as domain probes, filled in for one deployment."""

from collections.abc import Mapping
from typing import Any

from grader.adapters.case_files.instance import Instance
from grader.adapters.case_files.schema import Assert, ProbeEntry, Setup
from grader.domain.case import Assertion, Match, Probe, ProbeId, Quantity, Turn
from grader.domain.quantity import parse


def probe(entry: ProbeEntry, instance: Instance, files: Mapping[str, bytes]) -> Probe:
    """One probe; ValueError (field: what is wrong) when an assertion's value does not fit its type."""
    about = entry.metadata
    return Probe(
        id=ProbeId(entry.id),
        category=about.category,
        turn=Turn(
            text=instance.choose(entry.input, "input", entry.id),
            topics=tuple(about.topics),
            stream=entry.stream,
            customer=entry.customer,
        ),
        earlier=tuple(_turn(setup, instance, entry.id, n) for n, setup in enumerate(entry.setup)),
        assertions=tuple(assertion(a) for a in entry.assert_),
        language=about.language,
        english=about.english,
        draw=about.draw if about.draw is not None else _spread(entry.id),
        session=entry.session or instance.session(entry.id),
        region=entry.region,
        locale=entry.locale,
        today=entry.today,
        faults=entry.faults,
        files={path: files[name] for path, name in entry.files.items()},
    )


def _turn(setup: Setup, instance: Instance, probe_id: str, place: int) -> Turn:
    text = instance.choose(setup.input, "setup", probe_id, str(place))
    return Turn(
        text=text, topics=tuple(setup.topics), stream=setup.stream, customer=setup.customer, faults=setup.faults
    )


def _spread(probe_id: str) -> float:
    """A stubbornness that does not depend on the secret, so that every deployment's bands are the same."""
    return Instance(secret="", case="draw").number(probe_id) % 1000 / 1000


def assertion(entry: Assert) -> Assertion:
    """One assertion; ValueError when its value does not fit its type."""
    negated = entry.type.startswith("not-")
    match = Match(entry.type.removeprefix("not-"))
    texts: tuple[str, ...] = ()
    amounts: tuple[Quantity, ...] = ()
    match match:
        case Match.NUMBER:
            amounts = tuple(parse(text) for text in _texts(entry))
        case Match.ABSTAIN | Match.ESCALATE | Match.CITATIONS_EXIST:
            if entry.value is not None:
                raise ValueError(f"{entry.type} takes no value")
        case _:
            texts = _texts(entry)
    return Assertion(
        match=match, negated=negated, texts=texts, quantities=amounts, tolerance=entry.tolerance, only=entry.only
    )


def _texts(entry: Assert) -> tuple[str, ...]:
    value: Any = entry.value
    listed = value if isinstance(value, list) else [value]
    if not listed or not all(isinstance(item, str) and item for item in listed):
        raise ValueError(f"{entry.type} needs a text, or a list of texts, as its value")
    return tuple(listed)
