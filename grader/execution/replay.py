"""Replays a learner's repro on the starter and on the reference; the grader asks, and the grader judges."""

from dataclasses import replace

from grader.domain.case import Case, Judgement, Probe, ProbeId, Turn, Verdict
from grader.domain.case_facts import Repro, ReproFacts
from grader.domain.judge import invents
from grader.domain.tree import Tree
from grader.execution.lanes import Lanes
from grader.execution.probes import Interview

TIMES = 3


def replay(lanes: Lanes, repro: Repro, starter: Tree, reference: Tree) -> ReproFacts:
    """Three times on the starter, each in a conversation of its own, then without each turn; once on the reference.

    `starter` and `reference` are the product trees. The scripted model is not told what is asked.
    """
    whole = [_probe(repro, repro.turns, f"repro {n}") for n in range(TIMES)]
    shorter = [_probe(repro, turns, f"without turn {n}") for n, turns in enumerate(_shortened(repro.turns))]
    wanted = {"base": _interview(lanes.case, starter, (*whole, *shorter))}
    if starter != reference:
        wanted["reference"] = _interview(lanes.case, reference, tuple(whole))
    seen = lanes.interviews(wanted)
    judged = {name: [invents(o.reply, o.topics, lanes.case.judging) for o in found] for name, found in seen.items()}
    return ReproFacts(
        repro=repro,
        on_base=tuple(judged["base"][:TIMES]),
        on_reference=tuple(judged.get("reference", judged["base"][:TIMES])),
        removable=tuple(n for n, found in enumerate(judged["base"][TIMES:]) if _is_unsafe(found)),
    )


def _is_unsafe(found: Judgement) -> bool:
    return found.verdict is Verdict.HALLUCINATED


def _shortened(turns: tuple[str, ...]) -> list[tuple[str, ...]]:
    return [turns[:n] + turns[n + 1 :] for n in range(len(turns))] if len(turns) > 1 else []


def _probe(repro: Repro, turns: tuple[str, ...], name: str) -> Probe:
    made = [Turn(text=text, customer=repro.customer) for text in turns]
    last = replace(made[-1], stream=repro.stream)
    return Probe(
        id=ProbeId(name), category="repro", turn=last, earlier=tuple(made[:-1]), session=f"s-{name}", free=True
    )


def _interview(case: Case, tree: Tree, probes: tuple[Probe, ...]) -> Interview:
    return Interview(case=case, tree=tree, probes=probes, profile="A")
