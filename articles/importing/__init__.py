"""Taking over what a magazine published elsewhere."""
