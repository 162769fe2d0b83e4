"""Pictures for the browser: photographs, fusions, comparisons, recipes."""
