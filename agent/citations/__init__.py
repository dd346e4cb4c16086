"""Claims, the quotes that they cite, and their numbers in an answer."""
