"""The process `partition`: as many contiguous sites as the land can give."""
