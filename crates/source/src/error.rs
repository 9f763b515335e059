//! Why a repository gave nothing, and what to do about it.

/// Why a repository gave nothing.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The repository is not there, or not for everybody.
    #[error("there is no repository at {url}, or it needs credentials. Check the address; for a private repository use its ssh address with a deploy key")]
    NotFound {
        /// Where it was looked for.
        url: String,
    },
    /// The credentials were refused.
    #[error("{host} refused the credentials. Add the deploy key's public half to the repository there, and check that the right key is chosen here")]
    AuthenticationFailed {
        /// Who refused.
        host: String,
    },
    /// The host does not answer.
    #[error("{host} cannot be reached: {why}. Check the address, and that this machine may connect to it")]
    Unreachable {
        /// Which host.
        host: String,
        /// What the attempt said.
        why: String,
    },
    /// The repository has no commit.
    #[error("the repository is empty. Push a first commit to it")]
    Empty,
    /// The branch or tag is not there.
    #[error("the repository has no branch or tag `{reference}`. {}", near(existing))]
    ReferenceGone {
        /// What was asked for.
        reference: String,
        /// Names like it that are there, the nearest first.
        existing: Vec<String>,
    },
    /// The commit is not there.
    #[error("the repository does not have commit {commit}, perhaps after a force-push. Choose another commit, or deploy the branch")]
    CommitGone {
        /// What was asked for.
        commit: String,
    },
    /// The directory is not in the commit.
    #[error("there is no directory `{path}` at this commit. Check its spelling and its case")]
    NoDirectory {
        /// What was asked for.
        path: String,
    },
    /// The instance does not allow such repositories.
    #[error("{what} is not allowed on this instance. Start Wharf with {setting} to allow it")]
    NotAllowed {
        /// What was refused.
        what: String,
        /// The setting that allows it.
        setting: &'static str,
    },
    /// The host shows another key than before.
    #[error("{host} shows another host key than before: it was set up anew, or someone is in between. Compare its key, then forget the old one")]
    HostKeyChanged {
        /// Which host.
        host: String,
    },
    /// The tree is larger than is taken.
    #[error("the source is too large: {limit} is the limit. Leave out what the build does not need, or deploy an image")]
    TooLarge {
        /// The limit that was hit, with its unit.
        limit: String,
    },
    /// It took too long.
    #[error("the repository did not answer within {seconds} seconds. Try again, and look at the host's status if it stays so")]
    Timeout {
        /// How long was waited.
        seconds: u64,
    },
    /// The address of a submodule is none that is taken.
    #[error("a submodule cannot be fetched: {0}")]
    Address(model::Invalid),
    /// The deploy key cannot be used.
    #[error("the deploy key cannot be used: {0}")]
    Key(model::Invalid),
    /// Git is not there or cannot run.
    #[error("git cannot run: {0}. Install git and ssh on the machine Wharf runs on")]
    Program(#[source] host::Error),
    /// The cache cannot be used.
    #[error("the source cache {path} cannot be used: {source}. Check its owner and the free space")]
    Cache {
        /// The file or directory.
        path: String,
        /// What the machine says.
        source: std::io::Error,
    },
    /// Git failed for another reason.
    #[error("git failed:\n{tail}")]
    Failed {
        /// The last lines it wrote.
        tail: String,
    },
}

impl Error {
    /// Whether the same may be well at another time: nothing is known to be wrong with what was asked for.
    pub fn may_pass(&self) -> bool {
        matches!(self, Self::Unreachable { .. } | Self::Timeout { .. } | Self::Failed { .. } | Self::Program(_) | Self::Cache { .. })
    }
}

fn near(existing: &[String]) -> String {
    match existing {
        [] => "Choose one that is there".to_owned(),
        [one] => format!("It has {one}"),
        [firsts @ .., last] => format!("It has {} and {last}", firsts.join(", ")),
    }
}
