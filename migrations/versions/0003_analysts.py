"""For analysts: provider words, options, talk times, search, events."""

from pathlib import Path

from alembic import op

from syncd.db.admin.schema import run_script

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

HERE = Path(__file__).parent


def upgrade() -> None:
    run_script(op.get_bind(), HERE / "0003_analysts.sql")


def downgrade() -> None:
    run_script(op.get_bind(), HERE / "0003_analysts_down.sql")
