"""The steps from one database schema to the next. ``model.database`` runs them; this directory is Alembic's."""
