"""The APIs: what each vendor's clients say, between their JSON and ossia's types."""
