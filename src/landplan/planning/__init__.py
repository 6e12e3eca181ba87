"""What a planner asks: a folder per process, its request, and how it is answered."""
