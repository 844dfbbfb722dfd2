"""Run by Alembic for ``model.database``, which hands over its connection and keeps the transaction."""

from __future__ import annotations

from alembic import context

from model.tables import metadata

context.configure(connection=context.config.attributes['connection'], target_metadata=metadata)
context.run_migrations()
