"""Papers as PDF/A, set by Typst: the look that they share, and text that every page can show."""
