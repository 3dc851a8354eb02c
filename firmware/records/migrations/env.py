"""What Alembic runs for each migration: within the transaction that firmware.records.database has begun."""

from alembic import context

from firmware.records.schema import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
with context.begin_transaction():
    context.run_migrations()
