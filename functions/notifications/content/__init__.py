"""What a message says, whatever receives it."""
