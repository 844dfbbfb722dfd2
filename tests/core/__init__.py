"""Tests of the fields, the backends, the hub and everything that writes."""
