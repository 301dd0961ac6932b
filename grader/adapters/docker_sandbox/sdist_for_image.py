"""Fetches a source archive without running anything of it; started by path as a program of its own, never imported.

`pip download` runs a source archive's build back end to learn its name. This stops before that, but finds and fetches
as pip does, with the host's index, certificate and link settings. Arguments: the image's marker environment as JSON,
the folder, then pip's options and one requirement. Prints the file's name.
"""

import hashlib
import json
import sys
from pathlib import Path
from typing import cast

from pip._internal.cli import cmdoptions
from pip._internal.commands.download import DownloadCommand
from pip._internal.models.link import Link
from pip._vendor.packaging import markers
from pip._vendor.packaging.requirements import Requirement
from pip._vendor.packaging.utils import canonicalize_name

MOST_BYTES = 50 * 1024 * 1024


class Fetch(DownloadCommand):
    """As `pip download`, up to the file."""

    def run(self, options, args):  # type: ignore[no-untyped-def]
        """Find the best source archive and write it to the folder."""
        session = self.get_default_session(options)
        target = cmdoptions.make_target_python(options)
        finder = self._build_package_finder(options=options, session=session, target_python=target)
        wanted = Requirement(args[0])
        best = finder.find_best_candidate(canonicalize_name(wanted.name), wanted.specifier).best_candidate
        if best is None:
            return 1
        response = session.get(best.link.url_without_fragment, stream=True)
        response.raise_for_status()
        content = response.raw.read(MOST_BYTES + 1)
        if len(content) > MOST_BYTES or not _is_as_promised(content, best.link):
            return 1
        (FOLDER / best.link.filename).write_bytes(content)
        sys.stdout.write(best.link.filename)
        return 0


def _is_as_promised(content: bytes, link: Link) -> bool:
    return link.hash_name is None or hashlib.new(link.hash_name, content).hexdigest() == link.hash


image = cast("markers.Environment", {**markers.default_environment(), **json.loads(sys.argv[1])})
markers.default_environment = lambda: image
FOLDER = Path(sys.argv[2])
sys.exit(Fetch("download", "").main(sys.argv[3:]))
