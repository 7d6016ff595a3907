"""AWS Multi-party approval: teams and their sessions."""
