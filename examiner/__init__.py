"""What people do with photographs of markings: examinations, casebooks, batches, the page."""
