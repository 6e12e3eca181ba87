"""How to find better: problems as numbers, engines and bounds."""
