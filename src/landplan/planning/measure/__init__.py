"""The process `measure`: how good the land lies for its holders."""
