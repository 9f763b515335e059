//! What attackers send: each is refused, or passed on so that nobody can read it in two ways; and none of it costs others.

mod downgrade;
mod flood;
mod http2;
mod names;
mod random;
