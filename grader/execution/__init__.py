"""Runs things in sandboxes and reports what happened; judges nothing."""
