"""Which wheels fit the Python of an image."""

from dataclasses import dataclass
from typing import Final

OLD_GLIBC: Final = ("manylinux1", "manylinux2010", "manylinux2014")
FIRST_GLIBC: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """The Python in the image: its marker environment and the platform tags that it takes."""

    markers: dict[str, str]
    platforms: tuple[str, ...]

    @property
    def python(self) -> str:
        """`3.11`."""
        return self.markers["python_version"]

    @staticmethod
    def of(markers: dict[str, str], glibc: str) -> "Target":
        """From the marker environment and the C library's version, e.g. `2.36`; newest tags first."""
        machine, newest = markers["platform_machine"], int(glibc.split(".")[1])
        tags = [f"manylinux_2_{minor}" for minor in range(newest, FIRST_GLIBC - 1, -1)]
        return Target(markers=markers, platforms=tuple(f"{tag}_{machine}" for tag in (*tags, *OLD_GLIBC, "linux")))
