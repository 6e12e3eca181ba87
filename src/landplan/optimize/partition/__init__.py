"""Dividing land into as many contiguous sites as it can give (max-p)."""
