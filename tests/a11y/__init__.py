"""Accessibility, held on every page in real Chromium."""
