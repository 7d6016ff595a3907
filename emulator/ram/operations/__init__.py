"""RAM's operations that change something."""
