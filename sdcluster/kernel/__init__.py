"""The kernel of a model: a typed intermediate representation, and what is made of it for each machine."""
