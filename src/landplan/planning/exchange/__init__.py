"""The process `exchange`: who takes part, what is asked, and what comes out."""
