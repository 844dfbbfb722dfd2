"""Receivers of events, what is sent to them, and what became of it."""
