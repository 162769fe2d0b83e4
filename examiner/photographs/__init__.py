"""What an examiner does with photographs: crops, hand registration, watched folder, fusion."""
