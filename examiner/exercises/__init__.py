"""Training: simulated restorations with known truth, read by people and scored. Never mixed with casework."""
