"""Alembic's entry: runs the steps on the connection, and in the transaction, of the caller."""

from alembic import context

from grader.adapters.sql_records.tables import METADATA, VERSION_TABLE

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    version_table=VERSION_TABLE,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
