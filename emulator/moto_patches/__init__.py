"""What is added to moto, or changed in it, from outside."""
