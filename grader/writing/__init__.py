"""Markdown and status updates, read and ticked by rules; the optional language-model judge."""
