"""How good it is: pure formulas, Series in, Series out."""
