"""Runs inside a container: builds a wheel from a source archive. Stdin: the archive's name on a line, then its bytes.

Stdout: the wheel's name on a line, then its bytes. pip and the build requirements are in the image.
"""

import os
import subprocess
import sys
from pathlib import Path

WORK = Path("/work")
name = sys.stdin.buffer.readline().decode().strip()
archive = WORK / Path(name).name
archive.write_bytes(sys.stdin.buffer.read())
(WORK / "tmp").mkdir()
command = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "--no-index", "--no-cache-dir"]
command += ["--disable-pip-version-check", "--wheel-dir", str(WORK / "out"), str(archive)]
done = subprocess.run(command, check=False, stdout=2, env={**os.environ, "TMPDIR": str(WORK / "tmp")})
if done.returncode:
    sys.exit(done.returncode)
wheel = next((WORK / "out").glob("*.whl"))
sys.stdout.buffer.write(wheel.name.encode() + b"\n" + wheel.read_bytes())
