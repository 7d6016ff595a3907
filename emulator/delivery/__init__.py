"""What AWS delivers from one service to another after the call that caused it."""
