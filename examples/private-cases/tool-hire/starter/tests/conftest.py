"""Starts the scripted model for a local run, unless OPENAI_BASE_URL says that one is already served."""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

if "OPENAI_BASE_URL" not in os.environ:
    from kit.serve import serve_in_background

    os.environ.update(OPENAI_BASE_URL=serve_in_background(), OPENAI_API_KEY="kit", NO_PROXY="127.0.0.1")
