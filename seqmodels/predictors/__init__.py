"""Trained models that ship: what they predict, how well they did on held-out data, and when not to trust them."""
