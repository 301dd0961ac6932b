"""Prose against what the server timed and what the case holds to be true, with tolerance."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from grader.domain.prose import ProseFacts, TimelineRow
from grader.domain.timeline import Timeline, TimelineKind
from grader.domain.truth import CaseTruth, Claim
from grader.writing.plain import folded, plain, sentences
from grader.writing.rows import Rows
from grader.writing.signals import Text, durations, says, wrong_count

ROW_TOLERANCE = 5
"""Minutes by which a row may differ from the server's clock."""
DURATION_TOLERANCE = 10

ZONES = range(-12 * 60, 14 * 60 + 1, 30)
"""Minutes from UTC: whole and half hours; the zone that a learner writes in is their choice."""

_DETECTED = re.compile(
    r"\b(?:alert\w*|alarm\w*|page[drs]?\b|paged|paging|detect\w*|report\w*|notic\w*|complain\w*|ticket|"
    r"open(?:ed|s)?|declar\w*|discover\w*|flagged|escalat\w*|monitor\w*|incident start\w*|observ\w*|saw|"
    r"received|aware|spotted|support|customer|on-?call|entdeckt\w*|meldung\w*|avis\w*|client\w*|wrote|klient\w*|gemeldet|meldet\w*|alarm|erkannt|détect\w*|"
    r"signal\w*|alerte|plainte|reçu|detect\w*|alerta|report\w*|recib\w*|segnal\w*|rilevat\w*|avviso|melding|"
    r"gemeld|ontdekt|larm\w*|upptäck\w*|oppdag\w*|varsl\w*|opdag\w*|hälyt\w*|havait\w*|zgłosz\w*|wykry\w*|"
    r"alert|nahláš\w*|zjiš\w*|tespit|bildir\w*)|обнаруж|сообщ|алерт|жалоб|тревог|виявл|検知|報告|アラート|発覚|発見|告警|报告|"
    r"发现|收到|報告|發現|감지|알림|보고|신고|"
    r"laporan|terdeteksi|phát hiện|báo cáo|cảnh báo|اكتشاف|بلاغ|تنبيه|पता चला|सूचना|"
    r"शिकायत|észlel|bejelent|raport|sesiz",
    re.I,
)
_ENDED = re.compile(
    r"\b(?:mitigat\w*|resolv\w*|fix(?:ed)?\b|hot-?fix\w*|recover\w*|restor\w*|roll(?:ed|ing)?[ -]?back|"
    r"revert\w*|deploy\w*|released?|shipped|disabled|switched off|back to normal|closed|all clear|verified|"
    r"stable|merged|patched|contained|stopp\w*|behoben|gelöst|zurückgerollt|ausgerollt|wiederhergestellt|"
    r"entwarnung|deaktiviert|corrig\w*|résolu\w*|rétabl\w*|déploy\w*|désactiv\w*|annul\w*|resuel\w*|soluc\w*|"
    r"correg\w*|despleg\w*|restablec\w*|desactiv\w*|revert\w*|resolv\w*|corrig\w*|implant\w*|desativ\w*|"
    r"restaur\w*|risolt\w*|ripristin\w*|distribuit\w*|rilasciat\w*|disattivat\w*|opgelost|hersteld|"
    r"teruggedraaid|uitgerold|uitgeschakeld|löst|åtgärd\w*|återställ\w*|rullade|avhjälpt|løst|rettet|rullet|"
    r"gjenopprett\w*|genopret\w*|korja\w*|palau\w*|julkais\w*|napraw\w*|przywróc\w*|wdroż\w*|wycof\w*|"
    r"rozwiąz\w*|oprav\w*|nasaz\w*|obnov\w*|vyřeš\w*|çözül\w*|düzelt\w*|geri al\w*|yayınla\w*)|исправ|откат|"
    r"восстанов|решен|выкат|закрыт|отключ|виправл|відновл|復旧|解決|修正|デプロイ|ロールバック|解消|恢复|修复|解决|回滚|部署|上线|恢復|修復|복구|"
    r"해결|배포|롤백|수정|pulih|diperbaiki|dirilis|khôi phục|khắc phục|triển khai|إصلاح|استعادة|حل|ठीक|बहाल|समाधान|"
    r"helyreáll|javít|megold|remedi|rezolv|restabil",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Agreement:
    """Whether the rows are in order and agree with the log, with the reason and the lines."""

    holds: bool
    reason: str
    lines: tuple[int, ...] = ()
    mend: str = ""


def rows_agree(rows: Rows, facts: ProseFacts) -> Agreement:
    """In order (one slip is a note), with a detection and a recovery row, both near the server's events if known."""
    if len(rows.rows) < 2:
        return Agreement(
            holds=False, reason="too few rows to compare", mend="tell when it was noticed and when it was over"
        )
    if len(rows.disorder) > 1:
        listed = ", ".join(map(str, rows.disorder[:4]))
        return Agreement(
            holds=False, reason=f"rows out of order at line {listed}", mend="put the timeline's rows in order of time"
        )
    detected = [row for row in rows.rows if _DETECTED.search(row.text)]
    ended = [row for row in rows.rows if _ENDED.search(row.text) and row is not (detected[0] if detected else None)]
    if not detected or not ended:
        missing = "noticed" if not detected else "over"
        return Agreement(
            holds=False,
            reason=f"no row tells when it was {missing}",
            mend=f"add a row for when the incident was {missing}",
        )
    lines = (detected[0].line, ended[-1].line)
    if facts.timeline is None:
        return Agreement(holds=True, reason="in order, from detection to recovery", lines=lines)
    return _with_log(detected, ended, facts.timeline, lines)


def _with_log(
    detected: list[TimelineRow], ended: list[TimelineRow], log: Timeline, lines: tuple[int, int]
) -> Agreement:
    if all(row.minute is None for row in (*detected, *ended)):
        return Agreement(holds=True, reason="in order; the rows have no exact clock to compare", lines=lines)
    resolved = [e.at for e in log.events if e.kind in (TimelineKind.RESOLVED, TimelineKind.HOTFIX)]
    starts = [log.opened_at, *(e.at for e in log.events[:1])]
    for offset in ZONES:
        near_start = any(_near(row, [_minute(m) for m in starts], offset) for row in detected)
        near_end = not resolved or any(_near(row, [_minute(m) for m in resolved], offset) for row in ended)
        if near_start and near_end:
            return Agreement(holds=True, reason="in order, and agrees with the server's log", lines=lines)
    return Agreement(
        holds=False,
        reason=(
            f"detection or recovery (lines {lines[0]}, {lines[1]}) is more than {ROW_TOLERANCE} min off the "
            f"server's log"
        ),
        lines=(),
        mend=f"compare the times of lines {lines[0]} and {lines[1]} with your status updates",
    )


def _minute(moment: datetime) -> int:
    return moment.hour * 60 + moment.minute


def _near(row: TimelineRow, minutes: list[int], offset: int) -> bool:
    if row.minute is None:
        return False
    return any(
        min((row.minute - m - offset) % 1440, (m + offset - row.minute) % 1440) <= ROW_TOLERANCE for m in minutes
    )


def duration_disagrees(impact: Text, facts: ProseFacts) -> str | None:
    """Words for a duration that no clock knows; None when one fits within 10 minutes, or nothing is known."""
    said = durations(impact)
    known = _known_durations(facts)
    if not said or not known or any(abs(a - b) <= DURATION_TOLERANCE for a in said for b in known):
        return None
    return f"the impact's duration ({said[0]:.0f} min) fits neither the server's log ({known[0]:.0f} min) nor the case"


def _known_durations(facts: ProseFacts) -> list[float]:
    moments = [moment.at for moment in facts.truth.moments] if facts.truth else []
    log = facts.timeline
    if log is not None:
        ends = [e.at for e in log.events if e.kind is TimelineKind.RESOLVED] or [
            e.at for e in log.events if e.kind is TimelineKind.HOTFIX
        ]
        if ends:
            first = [(end - log.opened_at) / timedelta(minutes=1) for end in ends]
            return first + [(b - a) / timedelta(minutes=1) for a in moments for b in (*moments, *ends) if b > a]
    return []


def contradiction(text: Text, truth: CaseTruth | None) -> str | None:
    """The first claim of the text that the case forbids, or that it says did not happen; denials are no claims."""
    if truth is None:
        return None
    for line, content in text.lines:
        for sentence in sentences(plain(content)):
            for claim in (*truth.forbidden, *truth.did_not_happen):
                if _claims(sentence, claim):
                    return f"line {line} says that {claim.says}; the case says otherwise"
    return None


_DENIAL = re.compile(
    r"\b(?:no|not|never|none|nothing|without|neither|nor|cannot|can't|isn't|wasn't|weren't|didn't|don't|ruled "
    r"out|rule out|unlikely|rather than|instead of|kein\w*|nicht|aucun\w*|pas|jamais|sin|ningún|ninguna|nunca|"
    r"não|nenhum\w*|sem|non|nessun\w*|niet|geen|inte|ingen|ikke|ei|nie|brak|ne|не|нет|без)\b|なし|ない|没有|無|없",
    re.I,
)


def _claims(sentence: str, claim: Claim) -> bool:
    for wording in claim.wordings:
        if says(sentence, wording):
            denied = _DENIAL.search(folded(sentence))
            if not denied or _DENIAL.search(folded(wording)):
                return True
    return False


def mismatches(impact: Text, rows: Rows, facts: ProseFacts) -> tuple[str, ...]:
    """What differs from the server's log or the case, in words for the mentor."""
    notes: list[str] = []
    if wrong := wrong_count(impact, facts.truth):
        assert facts.truth is not None and facts.truth.affected is not None
        notes.append(f"line {wrong[0]} counts “{wrong[1]}”; the case has {facts.truth.affected.value}")
    if note := duration_disagrees(impact, facts):
        notes.append(note)
    for moment in facts.truth.moments if facts.truth else ():
        for row in rows.rows:
            if row.minute is not None and any(says(row.text, wording) for wording in moment.wordings):
                off = min((row.minute - _minute(moment.at)) % 1440, (_minute(moment.at) - row.minute) % 1440)
                if off % 30 > ROW_TOLERANCE and 30 - off % 30 > ROW_TOLERANCE:
                    notes.append(f"line {row.line} puts “{moment.id}” at {row.at}; the case has {moment.at:%H:%M}")
    return tuple(notes)
