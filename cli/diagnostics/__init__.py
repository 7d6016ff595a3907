"""What the doctor looks at, a module each: verdicts are pure functions, and reading stands apart from them."""
