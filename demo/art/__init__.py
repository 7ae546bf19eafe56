"""Draw the illustrations of the demo magazine."""
