"""Folium pages and printed maps for the intranet; `python -m maps`."""
