"""AWS RAM as the emulator answers it: shares, invitations and what is inside them."""
