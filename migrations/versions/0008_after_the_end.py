"""What becomes of transcripts after their end: deletion at Recall, and erasure here with a receipt."""

from pathlib import Path

from alembic import op

from syncd.db.admin.schema import run_script

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

HERE = Path(__file__).parent


def upgrade() -> None:
    run_script(op.get_bind(), HERE / "0008_after_the_end.sql")


def downgrade() -> None:
    run_script(op.get_bind(), HERE / "0008_after_the_end_down.sql")
