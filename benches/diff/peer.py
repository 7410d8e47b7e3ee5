"""Plans from one database to another as a peer does: prints seconds, the peak of memory in MB, and the number of operations.

usage: peer.py alembic|migra FROM TO

Starting Python and importing are not counted; for Alembic neither is the target, which its users have as classes.
"""
import resource
import sys
import time


def alembic(source, target):
    from alembic.autogenerate import produce_migrations, render_python_code
    from alembic.migration import MigrationContext
    from sqlalchemy import MetaData, create_engine

    source, target = (url.replace("postgresql:", "postgresql+psycopg2:", 1) for url in (source, target))
    metadata = MetaData()
    metadata.reflect(create_engine(target))
    with create_engine(source).connect() as connection:
        begin = time.perf_counter()
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        script = produce_migrations(context, metadata)
        text = render_python_code(script.upgrade_ops)
        return time.perf_counter() - begin, text.count("op.") + text.count("batch_op.")


def migra(source, target):
    from migra import Migration
    from sqlbag import S

    with S(source) as from_session, S(target) as to_session:
        begin = time.perf_counter()
        migration = Migration(from_session, to_session)
        migration.set_safety(False)
        migration.add_all_changes()
        text = migration.sql
        return time.perf_counter() - begin, text.count(";")


seconds, operations = {"alembic": alembic, "migra": migra}[sys.argv[1]](*sys.argv[2:])
print(seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, operations)
