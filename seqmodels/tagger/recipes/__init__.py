"""How the shipped tagger was trained."""
