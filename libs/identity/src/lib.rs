//! Who is calling: verifies the biscuit, authorizes from the proto's access option and attenuates for the next hop.
