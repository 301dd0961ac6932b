"""Exercise types as data: one TOML file each."""
