"""The casebook: ledger, originals, cases, signatures and their verification; the only state."""
