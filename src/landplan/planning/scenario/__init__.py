"""Several requests one after the other, as one scenario."""
