"""Keeps the HSM backups that must be kept out of reach of their retention, and rescues those on their way out."""
