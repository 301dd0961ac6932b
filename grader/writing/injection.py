"""Phrases by which a text speaks to the grader instead of the reader. They raise a flag and change no number."""

import re

_PHRASES = re.compile(
    r"\b(?:ignore|disregard|forget|override)\s+(?:all\s+|any\s+|the\s+|your\s+|every\s+)*(?:previous|prior|"
    r"above|earlier|preceding|system|other|former)\b[^\n]{0,40}\b(?:instruction|prompt|rule|message|guideline|"
    r"direction|rubric|text)s?"
    r"|\b(?:as|you are|act as|acting as|dear|note to|message to|attention)\s+(?:an?\s+|the\s+)?(?:ai\s+|"
    r"automated\s+|llm\s+)?(?:grader|judge|evaluator|assessor|language model|llm|ai model|marker)\b"
    r"|\b(?:award|give|assign|grant|output|return|set)\s+(?:this\s+\w+\s+|me\s+|it\s+|us\s+|"
    r"the\s+\w+\s+)?(?:the\s+|a\s+)?(?:full|maximum|max|perfect|highest|top)\s+(?:marks?|scores?|points?|"
    r"credit|grade|level)"
    r"|\b(?:score|level|grade|points?|rating)\s*[:=]\s*(?:1\.0+|2|10(?:/10)?|20(?:/20)?|100\s?%|full|"
    r"max)(?!\S*\d)\b[^\n]{0,20}$|\"(?:level|score)\"\s*:\s*\d"
    r"|\[(?:BEGIN|END)\s+(?:DATA|SUBMISSION|TEXT|INSTRUCTIONS?)\]|<\|?(?:im_start|im_end|system|endoftext)\|?>|"
    r"\b(?:new|updated) (?:system )?instructions?\s*:|\bsystem prompt\b[^\n]{0,40}\b(?:is|now|override)\b"
    r"|\bdo not (?:deduct|lower|penali[sz]e)\b|\brespond (?:only )?with (?:level|score|json)\b|\bprompt "
    r"injection test\b|\bevery criterion\b[^\n]{0,30}\b(?:2|full|max)",
    re.I | re.M,
)


def injection_lines(text: str) -> tuple[int, ...]:
    """The lines (from 1) that speak to a grader; the first 128 KiB are looked at."""
    found = []
    for number, line in enumerate(text[: 128 * 1024].split("\n")[:2000], start=1):
        if _PHRASES.search(line[:8000]):
            found.append(number)
    return tuple(found)
