"""The ticks of the follow-ups: how many, owned, dated, concrete, preventive."""

from collections.abc import Iterable
from fractions import Fraction

from grader.domain.prose import FollowUp, Tick
from grader.writing.material import Material
from grader.writing.signals import (
    is_concrete,
    is_preventive,
)
from grader.writing.tick_parts import HALF, part


def _share(items: tuple[FollowUp, ...], good: list[FollowUp]) -> Fraction:
    return Fraction(len(good), len(items)) if items else Fraction(0)


def _lines(items: Iterable[FollowUp]) -> str:
    listed = [str(item.line) for item in items]
    return ", ".join(listed[:4]) + (", …" if len(listed) > 4 else "")


def follow_up_ticks(material: Material) -> tuple[Tick, ...]:
    """The five parts of P5."""
    items = material.follow_ups
    owned = [item for item in items if item.owners]
    unowned = [item for item in items if not item.owners]
    dated = [item for item in items if item.due or item.ticket]
    undated = [item for item in items if not (item.due or item.ticket)]
    concrete = [item for item in items if is_concrete(item.text)]
    preventive = [item for item in items if is_preventive(item.text)]
    vague = [item for item in items if item not in concrete]
    good = _share(items, concrete) >= HALF and bool(preventive)
    return (
        part(
            "P5.items",
            "At least two",
            [i.line for i in items] if len(items) >= 2 else None,
            (
                f"{len(items)} follow-ups",
                f"{len(items)} follow-up{'s' if len(items) != 1 else ''}",
                "list at least two follow-ups",
            ),
        ),
        part(
            "P5.owner",
            "Somebody owns one",
            [i.line for i in owned] or None,
            (
                f"{len(owned)} with an owner",
                "no follow-up has an owner",
                "name one person or team as the owner of each follow-up",
            ),
        ),
        part(
            "P5.owned",
            "At least 80 % owned",
            [i.line for i in owned] if _share(items, owned) >= Fraction(4, 5) else None,
            (
                f"{len(owned)} of {len(items)} owned",
                f"{len(owned)} of {len(items)} owned",
                f"name an owner for line {_lines(unowned)}" if unowned else "name an owner for each follow-up",
            ),
        ),
        part(
            "P5.dated",
            "Half with a date or ticket",
            [i.line for i in dated] if items and _share(items, dated) >= HALF else None,
            (
                f"{len(dated)} of {len(items)} with a date or ticket",
                f"{len(dated)} of {len(items)} with a date or ticket",
                f"give a date or a ticket for line {_lines(undated)}"
                if undated
                else "give each follow-up a date or a ticket",
            ),
        ),
        part(
            "P5.concrete",
            "Concrete and preventive",
            [i.line for i in concrete] if good else None,
            (
                f"{len(concrete)} of {len(items)} concrete, {len(preventive)} preventive",
                f"{len(concrete)} of {len(items)} concrete, {len(preventive)} preventive",
                f"say for line {_lines(vague)} what is built and how one sees that it is done"
                if vague and preventive
                else "add a follow-up that prevents this failure, not only watches for it",
            ),
        ),
    )
