"""The theory of optimal stopping in Gaussian latent diffusion: each formula derived or stated in one place."""
