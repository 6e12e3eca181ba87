"""Code lists as data: land-use schemes with their editions, sources and how sure each entry is."""
