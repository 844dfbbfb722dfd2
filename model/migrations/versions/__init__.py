"""One file per step. Add its revision to ``REVISIONS`` in ``model/database.py`` as well."""
