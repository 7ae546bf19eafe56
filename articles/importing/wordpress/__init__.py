"""Taking over the export of a WordPress site (WXR 1.0 to 1.2)."""
