"""`make docs`: migrate an embedded Postgres and write what it says about itself."""

import sys
import tempfile
from pathlib import Path

from syncd.db.admin import schema
from syncd.db.engine import make_engine
from syncd.embedded import running
from tools.describe.catalog import read_catalog
from tools.describe.documents import DUMP, documents
from tools.describe.dump import fingerprint

ROOT = Path(__file__).parents[2]


def main() -> None:
    """Write every generated document that is not up to date."""
    with tempfile.TemporaryDirectory(prefix="syncd-docs-") as directory, running(Path(directory) / "data") as url:
        engine = make_engine(url)
        schema.migrate(engine)
        engine.dispose()
        written = documents(read_catalog(url))
    for name, text in written.items():
        path = ROOT / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            sys.stdout.write(f"{name} is new\n")
    sys.stdout.write(f"Schema fingerprint: `{fingerprint(written[DUMP])}`\n")


main()
