//! Reads typed settings and secrets from the environment and reports every fault at once.
