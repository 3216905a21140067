"""The files beside a model: each read through one TOML reader into frozen objects, with errors by file and line."""
