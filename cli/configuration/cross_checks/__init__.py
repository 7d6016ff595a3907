"""The checks that no schema can express, a function each."""
