"""Training of our own reader and locator. Needs PyTorch."""
