"""The version, once."""

VERSION = '0.10.0'
