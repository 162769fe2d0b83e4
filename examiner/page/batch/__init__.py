"""The tab that reads folders."""
