"""The invented town: streets, river, plant, suppliers, housing, farms and the people who hold them.

Everything in it is made up; prices and codes of owners stand for nobody. It lies at Anting's
coordinates so that maps and coordinate systems can be tried out.
"""

from landplan.cadastre.demo.write import SIZES, write_demo

__all__ = ["SIZES", "write_demo"]
