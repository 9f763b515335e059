//! Wharf: configuration, boot, command line.
fn main() {}
