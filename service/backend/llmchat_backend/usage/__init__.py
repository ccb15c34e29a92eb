"""How much everybody asks of the models, and how much they may."""
