//! Registries, asked through the engine: whether an image is there and may be pulled, without pulling it.

use crate::{Credential, Engine, Error, Result};
use bollard::auth::DockerCredentials;
use model::ImageReference;

impl Engine {
    /// Asks the registry for an image.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Denied`], [`Error::RateLimited`], [`Error::Unreachable`].
    pub async fn image_look(&self, reference: &ImageReference, credential: Option<&Credential>) -> Result<()> {
        let credentials = credential.map(|known| DockerCredentials {
            username: Some(known.username.clone()),
            password: Some(known.password.expose().to_owned()),
            serveraddress: reference.registry().map(str::to_owned),
            ..Default::default()
        });
        match self.docker.inspect_registry_image(reference.as_str(), credentials).await.map_err(Error::from) {
            Ok(_) => Ok(()),
            Err(Error::NotFound { what: why } | Error::Denied { why } | Error::Other { why }) => Err(Error::from_registry(&why)),
            Err(error) => Err(error),
        }
    }
}
