"""Contiguous sites at least cost, with a proven bound."""
