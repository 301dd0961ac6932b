"""The outside world, one tool a file."""
