"""A day of trouble on an emulated AWS, and what becomes of it."""
