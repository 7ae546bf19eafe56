"""From what an editor wrote to what readers get."""
