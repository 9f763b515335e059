//! Deliveries as the forges send them.
