//! What plans do, told as stories and held by laws against a model of the world.

mod fixture;
mod laws;
mod recovery;
mod stories;
mod world;
