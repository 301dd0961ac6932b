"""Runs pip on the host as if it were in the image; started by path as a program of its own, never imported.

pip evaluates environment markers (`python_version < "3.12"`) with its own interpreter, whatever its options
say.
The first argument is the image's marker environment as JSON; the rest goes to pip.
"""

import json
import sys
from typing import cast

from pip._internal.cli.main import main
from pip._vendor.packaging import markers

image = cast("markers.Environment", {**markers.default_environment(), **json.loads(sys.argv[1])})
markers.default_environment = lambda: image
sys.exit(main(sys.argv[2:]))
