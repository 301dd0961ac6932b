"""The `Clock` port over this machine's clock."""

from datetime import UTC, datetime


class SystemClock:
    """The machine's clock; it may step, so the ledger never takes an earlier time than it already has."""

    def now(self) -> datetime:
        """The machine's time."""
        return datetime.now(UTC)
