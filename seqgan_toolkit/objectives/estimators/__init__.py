"""How the generator gets its gradient from the discriminator."""
