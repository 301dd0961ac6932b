"""Rendering: comment, page, check run, exports; pure."""
