//! What containers stand on: networks and volumes.

use super::{Context, Done};
use crate::Error;

pub(super) async fn network(context: &Context<'_>, network: &str) -> Result<Done, Error> {
    context.docker("network_ensure")?.network_ensure(network).await?;
    Ok(Done::plain())
}

pub(super) async fn volume(context: &Context<'_>, volume: &str) -> Result<Done, Error> {
    context.docker("volume_ensure")?.volume_ensure(volume, &context.work.application.id).await?;
    Ok(Done::plain())
}

pub(super) async fn remove_volume(context: &Context<'_>, volume: &str) -> Result<Done, Error> {
    context.docker("volume_remove")?.volume_remove(volume).await?;
    Ok(Done::plain())
}
