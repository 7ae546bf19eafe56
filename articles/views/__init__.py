"""The pages of the magazine, by noun."""
