"""The HTTP interface: one router per resource; no rules of the domain live here."""
