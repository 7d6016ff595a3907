"""An emulated AWS: moto, and what moto lacks."""
