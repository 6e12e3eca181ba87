"""What is allowed: which parcels may be used for what."""
