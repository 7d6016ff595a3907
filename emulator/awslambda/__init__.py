"""Lambda: the code behind its functions, how it is invoked, and what is left of it afterwards."""
