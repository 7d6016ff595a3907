"""RAM's entities: shares, associations, principals, invitations."""
