"""Where a row of characters may lie: locators, hypotheses, rings."""
