"""What happened, written down once and in order: telling it, keeping it, reading it."""
