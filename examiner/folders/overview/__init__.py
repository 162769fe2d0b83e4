"""The overview of a folder run as HTML pages."""
