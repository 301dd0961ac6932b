"""Labels in many styles and languages, and what only looks like one."""
# ruff: noqa: E501 - one case a line

import pytest

from grader.domain.prose import Section
from grader.writing import postmortem

TIME, CAUSE, IMPACT, FOLLOW = Section
LABELS = {
    TIME: ["Timeline", "Incident timeline (UTC)", "Detailed Timeline", "Chronology", "Key events", "Sequence of events", "Chain of events",
        "Incident log", "⏱ Timeline", "Events / Timeline", "Zeitleiste", "Ablauf des Vorfalls", "Chronologie des événements", "Cronología",
        "Línea de tiempo", "Linha do tempo", "Cronologia", "Tijdlijn", "Tidslinje", "Oś czasu", "Хронология событий", "時系列", "时间线", "타임라인"],
    CAUSE: ["Root cause", "Root Cause(s)", "RCA", "Root cause analysis", "Cause", "Causes", "Contributing factors", "Root causes and trigger",
        "Why it happened", "How did this happen?", "Five whys", "Origin of the incident", "Analysis of causes", "Technical root cause", "Ursache",
        "Grundursache", "Cause racine", "Causes profondes", "Causa raíz", "Causa raiz", "Oorzaak", "Grundorsak", "Przyczyna", "Первопричина", "根本原因", "원인"],
    IMPACT: ["Impact", "User impact", "Customer Impact", "Severity & impact", "Blast radius", "Scope", "Who was affected?", "Affected services",
        "What was impacted", "Implications", "Outcomes / downtimes", "Assets affected", "Business impact", "Auswirkungen", "Betroffene Nutzer",
        "Conséquences", "Impacto", "Impatto", "Gevolgen", "Påverkan", "Wpływ", "Влияние", "影響範囲", "影响范围", "영향"],
    FOLLOW: ["Action items", "Actions", "Actions following review", "Review actions", "Follow-ups", "Follow ups", "Next steps", "Corrective actions",
        "Corrective and preventative measures", "Remediation plan", "Prevention", "Preventive measures", "Proposal improvements",
        "Resulting action", "New action items", "What we're doing about it", "What is being done to prevent this", "Long term solution",
        "Leftover tasks", "To-do", "What we will change", "Maßnahmen", "Nächste Schritte", "Plan d'action", "Actions correctives",
        "Próximos pasos", "Acciones", "Próximos passos", "Azioni correttive", "Actiepunten", "Åtgärder", "Działania naprawcze",
        "Дальнейшие действия", "再発防止策", "后续行动", "후속 조치"],
}  # fmt: skip
NONE = ["Summary", "Previous action items", "Resolved issues", "Recommendations", "Lessons learned", "Immediate mitigation", "Resolution",
        "References", "What went well", "Participants", "Glossary", "Note to the owner", "Actions taken", "Detection", "Checklist"]  # fmt: skip
STYLES = [
    "## {}\n\n{}",
    "{}\n---\n\n{}",
    "== {}\n\n{}",
    "**{}**\n\n{}",
    "**{}:** {}",
    "- **{}**: {}",
    "<h3>{}</h3>\n<p>{}</p>",
    "{}:\n{}",
]
CONTENT = "10:00 UTC fix for 3 users will be added by Bob"


def present(text: str) -> set[Section]:
    return {section for section, there in postmortem.read(text).sections if there}


@pytest.mark.parametrize("style", STYLES)
def test_labels_of_every_style_and_language(style: str) -> None:
    missed = [
        (name, found)
        for section, names in LABELS.items()
        for name in names
        if (found := present("# Incident 7\n\nIntro.\n\n" + style.format(name, CONTENT) + "\n")) != {section}
    ]
    assert not missed


@pytest.mark.parametrize("name", NONE)
def test_what_is_no_section(name: str) -> None:
    assert present(f"# Incident 7\n\nIntro.\n\n## {name}\n\n{CONTENT}\n") == set()


@pytest.mark.parametrize(
    "content",
    [
        "",
        "N/A",
        "None",
        "TBD",
        "<describe>",
        "[insert here]",
        "- TBD",
        "_Describe what happened._",
        "| a | b |\n|--|--|\n",
        "...",
    ],
)
@pytest.mark.parametrize("name", ["Impact", "Root cause", "Timeline", "Action items"])
def test_an_empty_section_is_not_there(name: str, content: str) -> None:
    assert present(f"# Incident 7\n\n## {name}\n\n{content}\n\n## Summary\n\nWords.\n") == set()


def test_two_names_in_one_heading_are_two_sections() -> None:
    assert present(f"## Impact and timeline\n\n{CONTENT}\n") == {IMPACT, TIME}
    assert present(f"## Root cause / Impact\n\n{CONTENT}\n") == {IMPACT, CAUSE}


def test_a_sub_heading_belongs_to_its_section_and_a_new_one_ends_it() -> None:
    text = "## Analysis\n### Root cause\nwords\n### Impact\n3 users\n## Summary\n### Bugs\nwords\n"
    assert present(text) == {CAUSE, IMPACT}


def test_weak_labels_count_only_without_a_better_one() -> None:
    assert present("## What went wrong\n\nThe cache was empty.\n") == {CAUSE}
    assert present("## Root cause\n\nTBD\n\n## What went wrong\n\nMuch.\n") == set()


def test_a_title_is_no_section() -> None:
    assert present("# Impact of the March incident on refunds\n\n## Summary\n\nWords.\n") == set()


def test_an_unclosed_fence_does_not_swallow_the_rest() -> None:
    assert present("## Impact\n```\n3 users\n\n## Root cause\nThe cache.\n") == {IMPACT, CAUSE}
