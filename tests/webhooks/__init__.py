"""Receivers of events, reached for real on loopback."""
