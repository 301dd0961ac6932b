"""The one comment of a pull request: where the attempt stands, what to do next, the numbers, and what was asked.

The part about a graded record is `comment`; this is what stands round it, and all there is before a record exists.
Every word that somebody else wrote leaves through `inert`.
"""

from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from grader.domain.attempt import REVIEWABLE, Attempt, Phase
from grader.domain.attempt_events import Forced
from grader.domain.instant import MINUTE, Instant, from_datetime, span, to_datetime
from grader.domain.record import Record
from grader.domain.score import as_decimal
from grader.domain.twin import DeadlinePolicy, Twin
from grader.report import view
from grader.report.comment import Framing, commands, comment
from grader.report.inert import code, one_line, prose

PROPOSED = "This is what was proposed; what counts stands above."
"""Stands beside the pre-scores once they are decided."""
MOST_ROWS, LONGEST_LOG = 40, 20_000
"""Rows of the log that are shown, and their characters; older ones are counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogRow:
    """One answered command: the comment's server time and address, who, which command, and our answer."""

    at: datetime
    url: str
    who: str
    name: str
    accepted: bool
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """All that the comment shows. `problem` says why what is in the pull request cannot be handed in as it is.

    `gave_up`: grading failed so often that it is not tried again by itself. `called` are logins of the course's own
    roster, who are meant to be notified.
    """

    twin: Twin
    learner: str
    mentor: str
    number: int
    attempt: Attempt | None
    record: Record | None
    log: tuple[LogRow, ...]
    usage: tuple[tuple[str, str, str], ...]
    now: datetime
    kept_head: str = ""
    kept_commit: str = ""
    problem: str = ""
    draft: bool = True
    gave_up: bool = False
    best_percent: Fraction | None = None
    reminder: str = ""
    called: tuple[str, ...] = ()
    credential: str = ""


def sticky(board: Board) -> str:
    """The comment, less its marker; at most MAX_COMMENT characters."""
    tail = "\n\n".join(filter(None, (_log(board), _help(board))))
    attempt = board.attempt
    if attempt is None or board.record is None or attempt.run is None:
        parts = (_title(board), _standing(board), _by_the_clock(attempt), _problem(board), tail)
        return "\n\n".join(filter(None, parts)) + "\n"
    framing = Framing(
        learner=board.learner,
        attempt=board.number,
        standing=_word(attempt),
        finality=PROPOSED if attempt.phase is Phase.SIGNED_OFF else view.NOTHING_FINAL,
        head="\n\n".join(filter(None, (_reminder(board), _decided(board), _by_the_clock(attempt), _problem(board)))),
        commands=_commands(board, attempt, board.record),
        tail=tail,
    )
    return comment(board.record, board.twin, framing)


def _word(attempt: Attempt) -> str:
    match attempt.phase:
        case Phase.GRADED:
            return "waiting for a mentor"
        case Phase.CLAIMED | Phase.IN_REVIEW:
            return "in review"
        case Phase.SIGNED_OFF:
            return "signed off"
        case Phase.GRADING | Phase.SUBMITTED | Phase.GRADE_ERROR:
            return "being graded again"
        case Phase.CREATED | Phase.LIVE | Phase.POSTMORTEM | Phase.EXPIRED:
            return attempt.phase.value


def _title(board: Board) -> str:
    words = {
        Phase.LIVE: "the incident is live",
        Phase.POSTMORTEM: "time for the post-mortem",
        Phase.EXPIRED: "expired",
        Phase.SUBMITTED: "handed in",
        Phase.GRADING: "being graded",
        Phase.GRADE_ERROR: "grading failed on our side",
    }
    if board.attempt is None:
        return f"### {prose(board.twin.title)} · not started"
    what = words.get(board.attempt.phase, board.attempt.phase.value)
    return f"### Attempt {board.number} of {board.twin.attempts} for {code('@' + board.learner)} · {what}"


def _standing(board: Board) -> str:
    twin, attempt = board.twin, board.attempt
    if attempt is None:
        return (
            f"**Comment `/start` to open the incident.** The clock then runs: {twin.live_minutes} min live, and "
            f"{twin.postmortem_minutes // 60} h more for the post-mortem. It cannot be stopped. "
            f"You have {twin.attempts} attempts."
        )
    start = attempt.started
    match attempt.phase:
        case Phase.LIVE | Phase.POSTMORTEM | Phase.CREATED:
            return _open(board, attempt)
        case Phase.EXPIRED:
            return f"The deadline passed at {_time(start.deadline)} with nothing handed in. {_again(board)}"
        case Phase.GRADE_ERROR:
            return _failed(board, attempt)
        case _:
            submitted = attempt.submission
            when = f" at {_time(submitted.at)}" if submitted else ""
            return f"**Handed in**{when}; graded in sandboxes now. This comment is brought up to date when it is done."


def _open(board: Board, attempt: Attempt) -> str:
    start, now = attempt.started, from_datetime(board.now)
    live = now < start.live_until
    lines = [
        f"Opened at {_time(start.opened_at)}.",
        f"- Live window: {'until' if live else 'ended'} {_time(start.live_until)}{_left(start.live_until, now)}",
        f"- Hand in before {_time(start.deadline)}{_left(start.deadline, now)}",
        f"- Posted so far: {attempt.updates}",
    ]
    if board.kept_head:
        work = f" with your repository at {code(board.kept_commit[:10])}" if board.kept_commit else ""
        expires = attempt.terms.at_deadline == DeadlinePolicy.EXPIRE
        then = "at the deadline it expires" if expires else "at the deadline the last save is handed in"
        lines.append(f"- Saved: {code(board.kept_head[:10])}{work}; {then}")
    ready = " or by marking this pull request as ready" if board.draft else ""
    hand_in = f"push your work and hand in by `/submit`{ready}."
    if not live:
        return "\n".join([*lines, "", f"**Next:** finish the post-mortem, {hand_in}"])
    mend = (
        "**Next:** `/status TEXT` at least every 20 minutes; `/root-cause COMMIT TEXT` once you know it, "
        "`/hotfix COMMIT TEXT` once it is in, `/resolved TEXT` when it works. Then write the post-mortem, " + hand_in
    )
    return "\n".join([*lines, "", mend])


def _failed(board: Board, attempt: Attempt) -> str:
    why = f"What failed: {prose(attempt.runs[-1].error)}" if attempt.runs else ""
    then = "Grading is tried again by itself within the hour"
    if board.gave_up:
        then = f"It failed {attempt.failures} times, so it is not tried again by itself: a mentor's `/regrade` does"
    return f"**This costs you nothing.** {then}; your submission is kept as it was received.\n\n{why}".strip()


def _commands(board: Board, attempt: Attempt, record: Record) -> str:
    left = board.twin.attempts - board.number
    if attempt.phase in REVIEWABLE:
        return commands(record, board.twin, left=left)
    if attempt.phase is not Phase.SIGNED_OFF or attempt.result is None:
        return "The numbers change when the new grading is done; until then there is nothing to confirm."
    until = attempt.result.at + attempt.terms.dispute
    dispute = f"`/dispute REASON` until {_time(until)} asks another mentor · " if not attempt.disputes else ""
    return f"**Learner:** {dispute}{_again(board)} **Mentor:** `/regrade REASON` opens it again. `/help` lists all."


def _left(until: Instant, now: Instant) -> str:
    """Whole minutes only: the comment changes with every event, not with every second."""
    left = until - now
    return f", {span(left - left % MINUTE)} left" if left >= MINUTE else ""


def _problem(board: Board) -> str:
    if not board.problem:
        return ""
    return f"> [!IMPORTANT]\n> What is in this pull request cannot be handed in yet: {prose(one_line(board.problem))}"


def _by_the_clock(attempt: Attempt | None) -> str:
    """Learner and mentor are told when it was the deadline that handed in."""
    submission = attempt.submission if attempt else None
    if submission is None or submission.forced is not Forced.DEADLINE:
        return ""
    failing = ", ".join(code(check) for check in submission.failing_critical)
    unmet = f" Critical self-check {failing} was not answered with yes, nor forced." if failing else ""
    return f"> [!NOTE]\n> Nothing was handed in before the deadline, so the last save was.{unmet}"


def _decided(board: Board) -> str:
    """Both values side by side, for ever: what was proposed and what a mentor decided."""
    attempt = board.attempt
    result = attempt.result if attempt else None
    if attempt is None or result is None or attempt.phase is not Phase.SIGNED_OFF:
        return _decisions(board)
    event, run = result.event, attempt.runs[result.event.run - 1]
    verdict = "passed" if event.passed else "not passed"
    rows = ["| | Pre-score | Final | Reason |", "|---|---|---|---|"]
    for dimension in board.twin.dimensions:
        decision = attempt.decisions.get(dimension.id)
        proposed = run.pre_scores.get(dimension.id)
        before = "–" if proposed is None else f"{as_decimal(proposed):.2f}"
        reason = prose(decision.reason) if decision and decision.reason else ""
        rows.append(
            f"| {prose(dimension.title)} | {before} | **{as_decimal(event.points[dimension.id]):.2f}** | {reason} |"
        )
    skills = [f"{code(skill)} {weight / 100:.2f}" for skill, weight in event.skills.items()]
    lines = [
        f"## Signed off: {verdict} with {view.percent(Fraction(event.total, 2000))}",
        f"By {code('@' + board.mentor)} at {_time(result.at)}; the pass mark is {board.twin.pass_percent} %.",
        "\n".join(rows),
        f"Skills asserted: {', '.join(skills)}" if skills else "",
        f"The best of your attempts counts: {view.percent(board.best_percent)}." if board.best_percent else "",
        f"**Credential:** {prose(board.credential)}" if board.credential else "",
        _again(board),
    ]
    return "\n\n".join(filter(None, lines))


def _decisions(board: Board) -> str:
    """Decisions so far, while the review is under way."""
    attempt = board.attempt
    if attempt is None or attempt.claim is None:
        return ""
    held = f"**In review** by {code('@' + board.mentor)}, due {_time(attempt.claim.due)}."
    if not attempt.decisions:
        return held
    made = ", ".join(f"{code(name)} {as_decimal(each.points):.2f}" for name, each in sorted(attempt.decisions.items()))
    skills = ", ".join(f"{code(name)} {weight / 100:.2f}" for name, weight in sorted(attempt.skills.items()))
    left = [code(d.id) for d in board.twin.dimensions if d.id not in attempt.decisions]
    rest = f"\n\nStill to decide: {', '.join(left)}" if left else "\n\n`/signoff` finishes."
    return f"{held}\n\nDecided: {made}{'; asserted: ' + skills if skills else ''}.{rest}"


def _again(board: Board) -> str:
    left = board.twin.attempts - board.number
    return f"`/reattempt` starts another attempt ({left} left); the higher result counts." if left > 0 else ""


def _reminder(board: Board) -> str:
    """The only live mentions of the comment: a reminder that nobody is told of reminds nobody."""
    if not board.reminder:
        return ""
    return f"> [!CAUTION]\n> {' '.join([*(f'@{login}' for login in board.called), prose(board.reminder)])}"


def _log(board: Board) -> str:
    if not board.log:
        return ""
    rows = [_row(row) for row in board.log[-MOST_ROWS:]]
    while sum(map(len, rows)) > LONGEST_LOG:
        rows = rows[1:]
    earlier = len(board.log) - len(rows)
    more = [f"{earlier} earlier ones are in the ledger."] if earlier else []
    return "\n\n".join([*more, "\n".join(["| when (UTC) | who | command | answer |", "|---|---|---|---|", *rows])])


def _row(row: LogRow) -> str:
    answer = f"{'' if row.accepted else '**refused:** '}{prose(row.words)}"
    return f"| [{row.at:%d %b %H:%M:%S}]({row.url}) | {code('@' + row.who)} | {code('/' + row.name)} | {answer} |"


def _help(board: Board) -> str:
    rows = ["| who | command | what it does |", "|---|---|---|"]
    rows += [f"| {who} | {code(usage)} | {prose(what)} |" for who, usage, what in board.usage]
    table = "\n".join(rows)
    return f"<details><summary>All commands (one a line, at the start of the line)</summary>\n\n{table}\n\n</details>"


def _time(instant: int) -> str:
    return view.clock_and_day(to_datetime(instant))
