"""Pure functions from observations to verdicts with evidence."""
