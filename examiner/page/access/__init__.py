"""Who may have what of the page: every handler, every file and every session goes through here."""
