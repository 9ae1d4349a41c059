"""What is fast and what is not, beside a peer: the project's own benchmark."""
