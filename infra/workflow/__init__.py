"""The compliance run: its functions and the state machine that calls them."""
