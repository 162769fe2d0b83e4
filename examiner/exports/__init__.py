"""What leaves the casebook: reading as JSON and CSV, hand-over file, report."""
