"""The hidden side of a run for its mentor, as a page and as data; never beside what a learner gets."""

from dataclasses import asdict
from typing import Any

from markupsafe import Markup, escape

from grader.domain.mentor import HiddenAnswer, MentorView
from grader.report.inert import clean, one_line

LONGEST = 2000
"""Characters shown of one answer, which is a learner's application's."""


def mentor_document(view: MentorView) -> dict[str, Any]:
    """As data, `grader/mentor/1`."""
    return {
        "schema": "grader/mentor/1",
        "run_id": view.run_id,
        "case": view.case,
        "commit": view.commit,
        "answers": [
            {**asdict(answer), "before": list(answer.before), "answer": clean(answer.answer, limit=LONGEST)}
            for answer in view.answers
        ],
    }


def mentor_page(view: MentorView) -> str:
    """As one HTML document: no script, no network, what the application said escaped."""
    unsafe = sum(not answer.verdict.is_safe for answer in view.answers)
    rows = Markup("\n").join(_row(answer) for answer in view.answers)
    return str(
        _PAGE.format(
            case=one_line(view.case, limit=100),
            commit=one_line(view.commit[:10], limit=20),
            run=one_line(view.run_id, limit=40),
            asked=len(view.answers),
            unsafe=unsafe,
            rows=rows
            or Markup('<tr><td colspan="5">No code of the application was changed; nothing was asked.</td></tr>'),
        )
    )


def _row(answer: HiddenAnswer) -> Markup:
    turns = Markup("").join(
        Markup('<p class="before">{}</p>').format(clean(turn, limit=LONGEST)) for turn in answer.before
    )
    return Markup(
        '<tr class="{kind}"><td>{probe}<br>{category}, profile {profile}</td><td>{turns}<p>{question}</p></td>'
        "<td>{answer}</td><td>{verdict}</td><td>{because}</td></tr>"
    ).format(
        kind="safe" if answer.verdict.is_safe else "unsafe",
        probe=answer.probe,
        category=answer.category,
        profile=answer.profile,
        turns=turns,
        question=clean(answer.question, limit=LONGEST),
        answer=_marked(clean(answer.answer, limit=LONGEST), answer.span),
        verdict=answer.verdict,
        because=clean(answer.because, limit=LONGEST),
    )


def _marked(text: str, span: str) -> Markup:
    """The answer with the words that the verdict rests on marked, where they stand in it as they are."""
    before, found, after = text.partition(span) if span else (text, "", "")
    return escape(before) + (Markup("<mark>{}</mark>").format(found) if found else Markup("")) + escape(after)


_PAGE = Markup("""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="referrer" content="no-referrer">
<meta name="robots" content="noindex">
<title>For mentors only: hidden questions of {case}</title>
<style>
body {{ font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 75rem; padding: 0 1rem; }}
:root {{ color-scheme: light dark; }}
table {{ border-collapse: collapse; width: 100%; }}
th, td {{ border-bottom: 1px solid #8888; padding: .4rem .6rem; text-align: left; vertical-align: top; }}
td {{ overflow-wrap: anywhere; }}
.unsafe td:nth-child(4) {{ font-weight: bold; }}
.before {{ opacity: .75; }}
p {{ margin: 0 0 .3rem; }}
</style>
</head>
<body>
<main>
<h1>For mentors only: hidden questions of {case}</h1>
<p><strong>Learners must not see this page</strong>: these questions are asked of the next submission too.</p>
<p>Run {run} over commit {commit}: {unsafe} of {asked} answers are not safe; these come first.</p>
<table>
<thead><tr><th>Question</th><th>Asked</th><th>Answered</th><th>Verdict</th><th>Because</th></tr></thead>
<tbody>
{rows}
</tbody>
</table>
</main>
</body>
</html>
""")
