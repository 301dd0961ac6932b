"""What the language model is told: who it is, how to answer, and the terms of hire."""

from string import Template

from .terms import TERMS

RULES = (
    "Answer only from the terms of hire below and cite the id of the one you used. If the answer is not there, say "
    "that you do not have that information and offer a colleague. Never guess."
)

SYSTEM = Template("""You are Adze, the assistant of Larch Lane Tool Hire. Be friendly and brief.

$rules

Terms of hire:
$terms""")


def build(question, history):
    """Chat messages for one question; history is the earlier turns of the session."""
    terms = "\n".join(f"[{term['id']}] {term['text']}" for term in TERMS)
    system = SYSTEM.safe_substitute(grounding=RULES, terms=terms)  # safe: a $ in the text must not break the prompt
    return [{"role": "system", "content": system}, *history, {"role": "user", "content": question}]
