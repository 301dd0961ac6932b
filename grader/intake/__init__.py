"""What was handed in, turned into a bounded, canonical tree; pure."""
