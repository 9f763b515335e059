//! Images: pulled, imported, tagged, listed, removed. Our tags are `wharf/<application id>:<tag>`.

use crate::{
    ByteStream, Engine, Error, Result,
    engine::{absent_is_none, checked_image},
    labels,
    wire::{empty, streamed},
};
use base64::Engine as _;
use bollard::{
    models::{CreateImageInfo, ImageConfig},
    query_parameters::{ListImagesOptions, RemoveImageOptions, TagImageOptions},
};
use futures_util::{TryStreamExt, pin_mut};
use http::{HeaderMap, HeaderValue};
use jiff::Timestamp;
use model::{ApplicationId, ImageReference, Port, Secret};
use std::collections::HashMap;

/// What is said of an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageFacts {
    /// The engine's id, `sha256:...`.
    pub id: String,
    /// The digest in the registry it came from, `sha256:...`.
    pub digest: Option<String>,
    /// TCP ports that it says it listens on, ascending.
    pub exposed_ports: Vec<Port>,
    /// Its size, in bytes.
    pub size_bytes: u64,
    /// Its entrypoint.
    pub entrypoint: Vec<String>,
    /// Its command.
    pub command: Vec<String>,
    /// Whom it runs as; empty is root.
    pub user: String,
    /// When it was made.
    pub created: Option<Timestamp>,
}

/// What a registry wants before it gives an image away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credential {
    /// The name.
    pub username: String,
    /// The password or token.
    pub password: Secret,
}

/// How an imported file system becomes an image.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ImportOptions {
    /// What containers of it run.
    pub entrypoint: Vec<String>,
    /// Labels of the image, the instance's apart.
    pub labels: Vec<(String, String)>,
}

impl Engine {
    /// What is said of an image, if it is there.
    ///
    /// # Errors
    /// The engine cannot be asked.
    pub async fn image_facts(&self, reference: &str) -> Result<Option<ImageFacts>> {
        checked_image(reference)?;
        let Some(found) = absent_is_none(self.docker.inspect_image(reference).await)? else { return Ok(None) };
        let config = found.config.unwrap_or_default();
        Ok(Some(ImageFacts {
            id: found.id.unwrap_or_default(),
            digest: found.repo_digests.unwrap_or_default().first().and_then(|name| Some(name.split_once('@')?.1.to_owned())),
            exposed_ports: tcp_ports(&config),
            size_bytes: found.size.and_then(|bytes| bytes.try_into().ok()).unwrap_or_default(),
            entrypoint: config.entrypoint.unwrap_or_default(),
            command: config.cmd.unwrap_or_default(),
            user: config.user.unwrap_or_default(),
            created: found.created.and_then(|created| Timestamp::from_millisecond(created.timestamp_millis()).ok()),
        }))
    }

    /// Pulls an image. The sink gets a line whenever a layer goes on to something else.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Denied`], [`Error::RateLimited`], [`Error::Unreachable`], [`Error::DiskFull`].
    pub async fn image_pull(&self, reference: &ImageReference, credential: Option<&Credential>, mut sink: impl FnMut(&str) + Send) -> Result<()> {
        let tag = reference.digest().or(reference.tag()).unwrap_or("latest");
        let query = [("fromImage", reference.repository().to_owned()), ("tag", tag.to_owned())];
        let mut headers = HeaderMap::new();
        if let Some(credential) = credential {
            headers.insert("x-registry-auth", authorisation(reference, credential)?);
        }
        let answer = self.post("/images/create", &query, headers, empty()).await.map_err(|error| match error {
            Error::NotFound { what: why } | Error::Denied { why } | Error::Other { why } => Error::from_registry(&why),
            error => error,
        })?;
        let messages = answer.messages::<CreateImageInfo>();
        pin_mut!(messages);
        let mut said = HashMap::new();
        while let Some(message) = messages.try_next().await? {
            if let Some(why) = message.error_detail.and_then(|detail| detail.message) {
                return Err(Error::from_registry(&why));
            }
            let (layer, status) = (message.id.unwrap_or_default(), message.status.unwrap_or_default());
            // Progress of the same thing arrives ten times a second; only the change to another is news.
            if said.insert(layer.clone(), status.clone()).as_ref() != Some(&status) {
                sink(&if layer.is_empty() { status } else { format!("{layer}: {status}") });
            }
        }
        Ok(())
    }

    /// Gives an image another name; the name may be taken from an older image.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such image.
    pub async fn image_tag(&self, from: &str, to: &str) -> Result<()> {
        checked_image(from)?;
        let to = checked_image(to)?;
        let options = TagImageOptions { repo: Some(to.repository().to_owned()), tag: to.tag().map(str::to_owned) };
        Ok(self.docker.tag_image(from, Some(options)).await?)
    }

    /// Takes one of our tags away, and the image with its last one. One that is absent, or whose image a container still has, is left as it is.
    ///
    /// # Errors
    /// [`Error::NotOurs`] when the tag is none of ours.
    pub async fn image_remove(&self, tag: &str) -> Result<()> {
        checked_image(tag)?;
        let Some(found) = absent_is_none(self.docker.inspect_image(tag).await)? else { return Ok(()) };
        let labels = found.config.and_then(|config| config.labels).unwrap_or_default();
        // What was pulled has no label of ours: there our name for it is the proof.
        let ours = match labels.contains_key(labels::INSTANCE) {
            true => labels::ours(Some(&labels), &self.instance),
            false => application_of(tag).is_some(),
        };
        if !ours {
            return Err(Error::NotOurs { what: format!("the image {tag}") });
        }
        match self.docker.remove_image(tag, None::<RemoveImageOptions>, None).await.map_err(Error::from) {
            Ok(_) | Err(Error::NotFound { .. } | Error::Conflict { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Our tags of an application's images.
    ///
    /// # Errors
    /// The engine cannot be asked.
    pub async fn image_list_of(&self, application: &ApplicationId) -> Result<Vec<String>> {
        let filters = Some([("reference".to_owned(), vec![format!("wharf/{application}")])].into());
        let found = self.docker.list_images(Some(ListImagesOptions { filters, ..Default::default() })).await?;
        let tags = found.into_iter().flat_map(|image| image.repo_tags);
        Ok(crate::observe::sorted(tags.filter(|tag| application_of(tag).as_ref() == Some(application))))
    }

    /// Makes an image of a file system that arrives as a tar.
    ///
    /// # Errors
    /// The tar cannot be read, or the server has no space.
    pub async fn image_import(&self, tar: ByteStream, tag: &str, options: ImportOptions) -> Result<()> {
        let tag = checked_image(tag)?;
        let mut query = vec![("fromSrc", "-".to_owned()), ("repo", tag.repository().to_owned()), ("tag", tag.tag().unwrap_or("latest").to_owned())];
        if !options.entrypoint.is_empty() {
            query.push(("changes", format!("ENTRYPOINT {}", json(&options.entrypoint)?)));
        }
        let instance = (labels::INSTANCE.to_owned(), self.instance.to_string());
        for (name, value) in options.labels.iter().chain([&instance]) {
            query.push(("changes", format!("LABEL {}={}", quoted(name), quoted(value))));
        }
        let messages = self.post("/images/create", &query, HeaderMap::new(), streamed(tar)).await?.messages::<CreateImageInfo>();
        pin_mut!(messages);
        while let Some(message) = messages.try_next().await? {
            if let Some(why) = message.error_detail.and_then(|detail| detail.message) {
                return Err(Error::from_answer(500, &why));
            }
        }
        Ok(())
    }
}

fn tcp_ports(config: &ImageConfig) -> Vec<Port> {
    let exposed = config.exposed_ports.iter().flatten();
    let mut ports: Vec<Port> = exposed.filter_map(|port| port.strip_suffix("/tcp").unwrap_or(port).parse().ok()).collect();
    ports.sort();
    ports
}

/// The application whose tag this is.
pub(crate) fn application_of(tag: &str) -> Option<ApplicationId> {
    tag.strip_prefix("wharf/")?.split(':').next()?.parse().ok()
}

/// The header by which the engine is told a credential: JSON in the alphabet of URLs, without which some passwords are not understood.
fn authorisation(reference: &ImageReference, credential: &Credential) -> Result<HeaderValue> {
    let server = reference.registry().unwrap_or("https://index.docker.io/v1/");
    let document = json(&HashMap::from([("username", credential.username.as_str()), ("password", credential.password.expose()), ("serveraddress", server)]))?;
    let text = Secret::new(base64::engine::general_purpose::URL_SAFE.encode(Secret::new(document).expose()));
    let mut value = HeaderValue::from_str(text.expose()).map_err(|error| Error::Invalid { why: error.to_string() })?;
    value.set_sensitive(true);
    Ok(value)
}

pub(crate) fn json(value: &impl serde::Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(|error| Error::Other { why: error.to_string() })
}

/// A text in double quotes as a Dockerfile reads it back, with nothing expanded.
fn quoted(text: &str) -> String {
    let escaped: String = text.chars().flat_map(|c| ['\\'].into_iter().filter(move |_| matches!(c, '\\' | '"' | '$')).chain([c])).collect();
    format!("\"{escaped}\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_shape_of_tag_belongs_to_an_application() {
        let application = ApplicationId::from_chance([7; 24]);
        assert_eq!(application_of(&format!("wharf/{application}:abc")), Some(application));
        for other in ["busybox:latest", "wharf/edge:1", "library/wharf/x"] {
            assert_eq!(application_of(other), None, "{other}");
        }
    }

    #[test]
    fn a_label_stays_as_it_is() {
        assert_eq!(quoted(r#"a "b" \ $c"#), r#""a \"b\" \\ \$c""#);
    }

    #[test]
    fn passwords_of_any_letters_reach_the_engine() {
        let credential = Credential { username: "u".into(), password: Secret::new("??>>~~\u{fc}") };
        let value = authorisation(&"r.example.com/a".parse().expect("valid"), &credential).expect("a header");
        let text = value.to_str().expect("ascii");
        assert!(!text.contains(['+', '/']) && !format!("{value:?}").contains(text));
    }
}
