//! The API and the webhooks through their real router.

mod coolify;
mod denial;
mod document;
mod payloads;
mod refusals;
mod shape;
mod webhooks;
mod world;
