//! Looks at sources before they are saved: repositories and images.

use crate::{Engine, Error, context};
use model::{BuildPack, CommitSha, GitSource, GitUrl, ImageReference, Port, Secret};
use source::Look;

/// What a repository has at a reference.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Inspection {
    /// The word of the pack it looks made for.
    pub build_pack: Option<String>,
    /// That pack, with the settings found.
    pub pack: Option<BuildPack>,
    /// The port it seems to listen on.
    pub port: Option<Port>,
    /// Why, in sentences.
    pub evidence: Vec<String>,
    /// Other ways it could be built.
    pub alternatives: Vec<BuildPack>,
}

/// What a registry says of an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageLook {
    /// TCP ports that it says it listens on; known once it was pulled.
    pub exposed_ports: Vec<Port>,
}

impl Engine {
    /// Looks at a repository: its branches and tags.
    ///
    /// # Errors
    /// It cannot be reached or read.
    pub async fn look(&self, url: &GitUrl, key: Option<&Secret>) -> Result<Look, Error> {
        Ok(self.parts.git.look(url, key).await?)
    }

    /// The commit that a source's branch or tag is at now.
    ///
    /// # Errors
    /// The repository cannot be reached or read, or has no such reference.
    pub async fn head(&self, source: &GitSource, key: Option<&Secret>) -> Result<CommitSha, Error> {
        Ok(self.parts.git.resolve(&source.url, &source.reference, key).await?)
    }

    /// Looks into a repository: how it is probably built, with the evidence.
    ///
    /// # Errors
    /// It cannot be reached or read, or has no such reference or directory.
    pub async fn inspect_repository(&self, source: &GitSource, key: Option<&Secret>) -> Result<Inspection, Error> {
        let git = &self.parts.git;
        let commit = git.resolve(&source.url, &source.reference, key).await?;
        git.fetch(source, &commit, key, |_| {}).await?;
        let guess = buildpack::detect(&context::tree(self, source, &commit, None).await?);
        Ok(Inspection {
            build_pack: guess.pack.as_ref().map(|pack| pack.as_str().to_owned()),
            pack: guess.pack,
            port: guess.port,
            evidence: guess.evidence,
            alternatives: guess.alternatives,
        })
    }

    /// Looks whether a registry has an image and gives it away, without pulling it.
    ///
    /// # Errors
    /// It does not, or cannot be asked.
    pub async fn image_look(&self, reference: &ImageReference, credential: Option<&store::Credential>) -> Result<ImageLook, Error> {
        let docker = self.parts.link.engine("image_look")?;
        let credential = credential.map(|known| docker::Credential { username: known.username.clone(), password: known.password.clone() });
        docker.image_look(reference, credential.as_ref()).await?;
        let facts = docker.image_facts(reference.as_str()).await?;
        Ok(ImageLook { exposed_ports: facts.map(|facts| facts.exposed_ports).unwrap_or_default() })
    }
}
