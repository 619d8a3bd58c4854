//! Owns users, sessions and keys; signs the tokens that the gateway verifies.
