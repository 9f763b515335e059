//! Looking at a repository before anything is saved.

use crate::{ApplicationPatch, Error, Inspection, Ops, error::Faults, permit};
use model::{BuildPack, DockerfilePack, GitReference, GitSource, GitUrl, KeyId, RelativePath, Secret, Settings, Source, git::GitTransport};
use std::{net::IpAddr, pin::Pin, time::Duration};
use store::{Actor, Scope};

/// How long a look may take for a person, who can correct a host that does not answer.
pub const LOOK_TIMEOUT: Duration = Duration::from_secs(20);
/// How long a look may take for a program, which must not hang.
pub const PROGRAM_LOOK_TIMEOUT: Duration = Duration::from_secs(10);

/// Branches named where the one asked for is not there.
const NAMES_COUNT: usize = 5;

/// A repository to look at, as typed.
#[derive(Debug, Clone, Default, serde::Deserialize)]
#[serde(default)]
pub struct LookRequest {
    /// Its address.
    pub git_repository: String,
    /// Branch, tag or commit; the default branch when empty.
    pub git_branch: String,
    /// Id of the deploy key; none when empty.
    pub private_key_uuid: String,
    /// The directory taken as the source tree.
    pub base_directory: String,
}

/// What a repository has.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RepositoryLook {
    /// Its branches, the default one first.
    pub branches: Vec<String>,
    /// Its tags.
    pub tags: Vec<String>,
    /// The branch it is cloned at.
    pub default_branch: Option<String>,
    /// What it looks made for; none where it could not be read.
    pub guess: Option<Inspection>,
    /// Why there is no guess.
    pub no_guess: Option<String>,
}

impl From<source::Error> for Error {
    fn from(error: source::Error) -> Self {
        use source::Error as From;
        let field = match &error {
            From::NotFound { .. }
            | From::Unreachable { .. }
            | From::Empty
            | From::NotAllowed { .. }
            | From::HostKeyChanged { .. }
            | From::Timeout { .. }
            | From::Address(_) => "git_repository",
            From::AuthenticationFailed { .. } | From::Key(_) => "private_key_uuid",
            From::ReferenceGone { .. } => "git_branch",
            From::CommitGone { .. } => "git_commit_sha",
            From::NoDirectory { .. } => "base_directory",
            From::Failed { .. } => return Self::Rejected { by: "git".into(), why: error.to_string() },
            From::TooLarge { .. } => return Self::Limit { why: error.to_string() },
            From::Program(_) | From::Cache { .. } => return Self::internal(error),
        };
        Self::invalid(field, error.to_string())
    }
}

impl Ops {
    /// Looks at a repository: its branches, and what it looks made for.
    ///
    /// # Errors
    /// [`Error::Invalid`] at the field that is to blame.
    pub async fn application_look(&self, scope: &Scope, request: LookRequest) -> Result<RepositoryLook, Error> {
        permit::write(scope)?;
        let mut faults = Faults::default();
        let url: Option<GitUrl> = faults.parse("git_repository", &request.git_repository);
        let base_directory: Option<RelativePath> = faults.parse("base_directory", &request.base_directory);
        let reference = match request.git_branch.trim() {
            "" => None,
            text => faults.parse::<GitReference>("git_branch", text),
        };
        let key = match request.private_key_uuid.trim() {
            "" => None,
            text => faults.parse::<KeyId>("private_key_uuid", text),
        };
        if let Some(url) = &url {
            self.policy_checked(url, &mut faults);
        }
        let (url, base_directory) = faults.give(url.zip(base_directory))?;
        let private = self.key_for(scope, key.as_ref()).await?;
        let look = self.looked(scope, &url, private.as_ref()).await?;
        let named = look.default_branch.as_deref().and_then(|name| name.parse().ok());
        let mut found = RepositoryLook { branches: look.branches, tags: look.tags, default_branch: look.default_branch, ..RepositoryLook::default() };
        if look.empty {
            return Err(source::Error::Empty.into());
        }
        if let Some(reference) = reference.or(named) {
            let source = GitSource { url, reference, base_directory, key, submodules: false };
            match self.inspected(scope, &source, private.as_ref()).await {
                Ok(guess) => found.guess = Some(guess),
                Err(error) => found.no_guess = Some(error.to_string()),
            }
        }
        Ok(found)
    }

    /// Fills in the default branch of a repository where none was typed.
    pub(crate) async fn branch_default(&self, scope: &Scope, typed: &mut ApplicationPatch, faults: &mut Faults) -> Result<(), Error> {
        let filled = |text: &Option<String>| text.as_deref().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
        let (None, Some(url)) = (filled(&typed.git_branch), filled(&typed.git_repository)) else { return Ok(()) };
        let Some(url) = faults.parse::<GitUrl>("git_repository", &url) else { return Ok(()) };
        self.policy_checked(&url, faults);
        let key = filled(&typed.private_key_uuid).and_then(|text| faults.parse::<KeyId>("private_key_uuid", &text));
        if !faults.is_empty() {
            return Ok(());
        }
        let private = self.key_for(scope, key.as_ref()).await?;
        match self.looked(scope, &url, private.as_ref()).await {
            Ok(look) => typed.git_branch = look.default_branch,
            Err(error) => faults.take(error)?,
        }
        Ok(())
    }

    /// Looks whether a source is there and can be built, before it is saved. What cannot be told in time is told by the deployment; for a program, which
    /// may run while a host is down, that is all that is not certain.
    pub(crate) async fn source_checked(&self, scope: &Scope, settings: &Settings, faults: &mut Faults) -> Result<(), Error> {
        let for_program = is_program(scope);
        match &settings.source {
            Source::Git(git) => {
                let private = self.key_for(scope, git.key.as_ref()).await?;
                match self.repository_checked(git, private.as_ref(), limit(scope)).await {
                    Err(engine::Error::Source(error)) if for_program && error.may_pass() => Ok(()),
                    // Without a key there is none to correct.
                    Err(engine::Error::Source(error @ source::Error::AuthenticationFailed { .. })) if git.key.is_none() => {
                        faults.add("git_repository", error.to_string());
                        Ok(())
                    }
                    Err(error) => faults.take(error.into()),
                    Ok(None) => Ok(()),
                    Ok(Some(inspection)) => {
                        dockerfile_checked(&settings.pack, &inspection, faults);
                        Ok(())
                    }
                }
            }
            Source::Image { .. } if for_program => Ok(()),
            Source::Image { reference, credential } => {
                let credential = match credential {
                    Some(id) => Some(self.store.registry_credential(scope, id.clone()).await?),
                    None => self.store.registry_credential_for(scope, reference).await?,
                };
                match tokio::time::timeout(LOOK_TIMEOUT, Box::pin(self.engine.image_look(reference, credential.as_ref()))).await {
                    Ok(Err(error)) if !error.is_absence() => faults.add("docker_registry_image_name", error.to_string()),
                    _ => {}
                }
                Ok(())
            }
            Source::Dockerfile { .. } => Ok(()),
        }
    }

    async fn looked(&self, scope: &Scope, url: &GitUrl, private: Option<&Secret>) -> Result<source::Look, Error> {
        bounded(limit(scope), Box::pin(self.engine.look(url, private))).await
    }

    async fn inspected(&self, scope: &Scope, source: &GitSource, private: Option<&Secret>) -> Result<Inspection, Error> {
        bounded(limit(scope), Box::pin(self.engine.inspect_repository(source, private))).await
    }

    /// Looks at a repository and into it. What is in it is not told where that takes longer than the limit.
    async fn repository_checked(&self, git: &GitSource, private: Option<&Secret>, limit: Duration) -> Result<Option<Inspection>, engine::Error> {
        let until = tokio::time::Instant::now() + limit;
        let look = tokio::time::timeout_at(until, Box::pin(self.engine.look(&git.url, private))).await;
        let look = look.unwrap_or_else(|_| Err(source::Error::Timeout { seconds: limit.as_secs() }.into()))?;
        if look.empty {
            return Err(source::Error::Empty.into());
        }
        if let GitReference::Branch(name) = &git.reference
            && !look.branches.iter().chain(&look.tags).any(|known| known == name.as_str())
        {
            let existing = look.branches.into_iter().take(NAMES_COUNT).collect();
            return Err(source::Error::ReferenceGone { reference: name.to_string(), existing }.into());
        }
        match tokio::time::timeout_at(until, Box::pin(self.engine.inspect_repository(git, private))).await {
            Ok(Ok(inspection)) => Ok(Some(inspection)),
            Ok(Err(engine::Error::Source(error))) if !error.may_pass() => Err(error.into()),
            Ok(Err(_)) | Err(_) => Ok(None),
        }
    }

    /// What this instance does not allow is told before anything is asked of a network.
    pub(crate) fn policy_checked(&self, url: &GitUrl, faults: &mut Faults) {
        let told = match url.transport() {
            GitTransport::File if !self.options.allow_local_git => Some(("repositories of this machine are", "--allow-local-git")),
            GitTransport::Http if !self.options.allow_private_sources => Some(("repositories over plain http are", "--allow-private-sources")),
            GitTransport::Https | GitTransport::Ssh if !self.options.allow_private_sources && url.host().is_some_and(|host| private(&host)) => {
                Some(("repositories on private addresses are", "--allow-private-sources"))
            }
            _ => None,
        };
        if let Some((what, setting)) = told {
            faults.add("git_repository", format!("{what} not allowed on this instance: start Wharf with {setting} to allow it"));
        }
    }

    async fn key_for(&self, scope: &Scope, key: Option<&KeyId>) -> Result<Option<Secret>, Error> {
        match key {
            Some(key) => match self.store.key_private(scope, key.clone()).await {
                Ok(private) => Ok(Some(private)),
                Err(store::Error::NotFound(_)) => Err(Error::invalid("private_key_uuid", "there is no such key in the team")),
                Err(other) => Err(other.into()),
            },
            None => Ok(None),
        }
    }
}

/// Tells a Dockerfile that is not there, with those that are. Only the top and one level below are looked at.
fn dockerfile_checked(pack: &BuildPack, inspection: &Inspection, faults: &mut Faults) {
    let BuildPack::Dockerfile(pack) = pack else { return };
    let location = |pack: &BuildPack| if let BuildPack::Dockerfile(pack) = pack { Some(pack.location.to_string()) } else { None };
    let found: Vec<String> = inspection.pack.iter().chain(&inspection.alternatives).filter_map(location).collect();
    let wanted = pack.location.as_str();
    if wanted != DockerfilePack::default().location.as_str() || found.iter().any(|known| known == wanted) {
        return;
    }
    let instead = if found.is_empty() { "add one, or choose the static build pack".to_owned() } else { format!("there is {}", found.join(" and ")) };
    faults.add("dockerfile_location", format!("the repository has no {wanted} in its base directory: {instead}"));
}

/// Work with the world outside, within its time. It comes in a box: its future is large, and every caller's would be as large on the stack.
async fn bounded<T, E: Into<Error>>(limit: Duration, work: Pin<Box<impl Future<Output = Result<T, E>>>>) -> Result<T, Error> {
    match tokio::time::timeout(limit, work).await {
        Ok(result) => result.map_err(Into::into),
        Err(_) => Err(source::Error::Timeout { seconds: limit.as_secs() }.into()),
    }
}

fn is_program(scope: &Scope) -> bool {
    matches!(scope.actor(), Actor::Token { .. })
}

fn limit(scope: &Scope) -> Duration {
    if is_program(scope) { PROGRAM_LOOK_TIMEOUT } else { LOOK_TIMEOUT }
}

/// Whether a host is written as an address that is not public, or is this machine.
fn private(host: &str) -> bool {
    let host = host.trim_matches(['[', ']']);
    match host.parse::<IpAddr>() {
        Ok(IpAddr::V4(address)) => {
            address.is_private() || address.is_loopback() || address.is_link_local() || address.is_unspecified() || address.is_broadcast()
        }
        Ok(IpAddr::V6(address)) => address.is_loopback() || address.is_unspecified() || address.is_unique_local() || address.is_unicast_link_local(),
        Err(_) => host == "localhost" || host.ends_with(".localhost"),
    }
}
