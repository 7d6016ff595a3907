"""What no schema can say of a configuration, a function for each mistake."""
