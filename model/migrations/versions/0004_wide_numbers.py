"""Numbers of rows have 64 bits in PostgreSQL too, as they always had in SQLite."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0004'
down_revision = '0003'

NUMBERED = ('users', 'tokens', 'attempts', 'views', 'events', 'webhooks', 'deliveries')
REFERRING = (
    ('tokens', 'user_id'),
    ('links', 'user_id'),
    ('jobs', 'user_id'),
    ('views', 'user_id'),
    ('views', 'owner'),
    ('deliveries', 'webhook_id'),
)


def upgrade() -> None:
    if op.get_bind().dialect.name != 'postgresql':
        return
    for table, column in ((table, 'id') for table in NUMBERED):
        op.alter_column(table, column, type_=sa.BigInteger)
        op.execute(f'ALTER SEQUENCE {table}_id_seq AS BIGINT')
    for table, column in REFERRING:
        op.alter_column(table, column, type_=sa.BigInteger)
