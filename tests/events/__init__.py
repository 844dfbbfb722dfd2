"""Events: told once, in order, whatever ends in between."""
