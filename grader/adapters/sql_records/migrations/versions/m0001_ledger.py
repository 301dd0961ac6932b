"""The append-only ledger, the contents it names, and the people behind its ids."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

SQLITE = (
    """
    create trigger entry_follows before insert on entry begin
        select raise(abort, 'entry does not follow on the head of its stream')
        where new.seq <> coalesce((select max(seq) from entry where stream = new.stream), 0) + 1
           or new.prev <> coalesce(
                (select hash from entry where stream = new.stream and seq = new.seq - 1), printf('%064d', 0))
           or new.recorded_at < coalesce(
                (select recorded_at from entry where stream = new.stream and seq = new.seq - 1), new.recorded_at);
    end
    """,
    "create trigger entry_update before update on entry begin select raise(abort, 'the ledger is append-only'); end",
    "create trigger entry_delete before delete on entry begin select raise(abort, 'the ledger is append-only'); end",
)

POSTGRESQL = (
    """
    create function entry_follows() returns trigger language plpgsql as $$
    declare
        head record;
    begin
        select seq, hash, recorded_at into head from entry where stream = new.stream order by seq desc limit 1;
        if new.seq <> coalesce(head.seq, 0) + 1 or new.prev <> coalesce(head.hash, repeat('0', 64))
                or new.recorded_at < coalesce(head.recorded_at, new.recorded_at) then
            raise exception 'entry does not follow on the head of its stream' using errcode = 'unique_violation';
        end if;
        return new;
    end $$
    """,
    """
    create function entry_append_only() returns trigger language plpgsql as $$
    begin
        raise exception 'the ledger is append-only';
    end $$
    """,
    "create trigger entry_follows before insert on entry for each row execute function entry_follows()",
    "create trigger entry_update before update or delete on entry for each row execute function entry_append_only()",
    "create trigger entry_truncate before truncate on entry for each statement execute function entry_append_only()",
    "revoke update, delete, truncate on entry from public",
)


def upgrade() -> None:
    """Make the tables, and the triggers that refuse every change of an entry."""
    text = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")  # sorts by bytes, everywhere alike
    op.create_table(
        "entry",
        sa.Column("stream", text, primary_key=True),
        sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("recorded_at", sa.BigInteger, nullable=False),
        sa.Column("effective_at", sa.BigInteger, nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("actor", "kind", "key", "request", "body")),
        sa.Column("prev", sa.Text, nullable=False),
        sa.Column("hash", sa.Text, nullable=False),
    )
    keyed = sa.text("key <> ''")
    op.create_index("entry_key", "entry", ["stream", "key"], unique=True, sqlite_where=keyed, postgresql_where=keyed)
    op.create_table(
        "content", sa.Column("digest", sa.Text, primary_key=True), sa.Column("bytes", sa.LargeBinary, nullable=False)
    )
    op.create_table(
        "person", sa.Column("id", sa.Text, primary_key=True), sa.Column("login", sa.Text, nullable=False, unique=True)
    )
    for statement in SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL:
        op.execute(statement)
