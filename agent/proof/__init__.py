"""Whether a claim is what its quotes say."""
