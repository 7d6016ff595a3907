"""AWS RAM: shares, invitations, and the operations on them."""
