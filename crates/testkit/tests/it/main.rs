//! The test parts, proven by the programs that will use them: git, ssh, the engine, and a server that is told to misbehave.

mod acme;
mod engine;
mod forge;
mod images;
mod load;
mod machine;
mod mail;
mod registry;
mod s3;
mod wharf;
