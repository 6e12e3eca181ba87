"""The process `assemble`: contiguous sites of least cost."""
