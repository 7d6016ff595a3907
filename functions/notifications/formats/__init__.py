"""How each receiver wants what a message says to be written."""
