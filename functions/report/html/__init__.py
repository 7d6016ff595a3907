"""A result as one page of HTML that needs no network."""
