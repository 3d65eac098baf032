"""The documents, by their place in the checkout."""

from tools.describe.catalog import Catalog
from tools.describe.dump import schema_dump
from tools.describe.page import tables_page
from tools.describe.sources import dbt_sources

TABLES_PAGE, DUMP, SOURCES = "docs/tables.md", "docs/schema.txt", "dbt/models/sources.yml"


def documents(catalog: Catalog) -> dict[str, str]:
    """Every generated document, with its text."""
    return {TABLES_PAGE: tables_page(catalog), DUMP: schema_dump(catalog), SOURCES: dbt_sources(catalog)}
