"""Results of a folder run as JSON lines, CSV, SQLite and Parquet."""
