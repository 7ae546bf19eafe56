"""Full-text search that knows Chinese, on SQLite and on PostgreSQL."""
