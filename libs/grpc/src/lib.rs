//! What every server and channel shares: layers, health, reflection, deadlines, trace propagation, shutdown and status details.
