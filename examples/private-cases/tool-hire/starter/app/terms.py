"""The terms of hire, as the depots publish them. They are few: every one goes into every prompt."""

import json
from pathlib import Path

TERMS = json.loads((Path(__file__).parent.parent / "data" / "terms.json").read_text(encoding="utf-8"))
