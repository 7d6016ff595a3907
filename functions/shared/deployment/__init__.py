"""What a hub consists of, as data: infra renders it as constructs, the laptop as calls."""
