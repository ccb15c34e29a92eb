"""What the service counts about itself, for operators: figures only, no names and no words."""
