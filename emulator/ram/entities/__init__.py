"""What RAM knows: shares, what is associated with them, and invitations to them."""
