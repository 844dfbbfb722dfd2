"""Schemas that several operations of the REST API share."""

from __future__ import annotations

from typing import Any

from lib.web.v1.schema import Schema

TEXT: dict[str, Any] = {'type': 'string'}
OFFSET: Schema = {'type': 'integer', 'minimum': 0, 'maximum': 10_000_000, 'default': 0}
LIMIT: Schema = {'type': 'integer', 'minimum': 1, 'maximum': 500, 'default': 100}
