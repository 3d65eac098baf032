"""Erasure leaves a receipt, and forbids every way back."""

from pathlib import Path

from alembic import op

from syncd.db.admin.schema import run_script

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

HERE = Path(__file__).parent


def upgrade() -> None:
    run_script(op.get_bind(), HERE / "0008_erasures.sql")


def downgrade() -> None:
    run_script(op.get_bind(), HERE / "0008_erasures_down.sql")
