"""A live show: its threads, its pace, its open parts, and what controllers ask of it."""
