//! Why a tree cannot be built, for the person who can change it.

/// Why there is no recipe.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// No Dockerfile where one was expected.
    #[error("there is no Dockerfile at {}. {}", looked_at.join(", "), found_instead(existing))]
    NoDockerfile {
        /// Paths that were tried.
        looked_at: Vec<String>,
        /// Dockerfiles that are elsewhere in the tree.
        existing: Vec<String>,
    },
    /// The base directory holds no file.
    #[error("the base directory holds no files at this commit. Check its spelling, or leave it empty for the whole repository")]
    EmptyTree,
    /// The publish directory is not in the tree.
    #[error("there is no publish directory `{path}` at this commit. {}", directories(existing))]
    NoPublishDirectory {
        /// The directory that was asked for.
        path: String,
        /// Directories at the top of the tree.
        existing: Vec<String>,
    },
    /// The Dockerfile cannot be read as one.
    #[error("the Dockerfile is wrong in line {line}: {why}")]
    BadDockerfile {
        /// Line number, from 1.
        line: usize,
        /// What is wrong and what to write instead.
        why: String,
    },
    /// The target is not a stage of the Dockerfile.
    #[error("the Dockerfile has no stage `{target}`. {}", stage_names(stages))]
    NoSuchStage {
        /// The stage that was asked for.
        target: String,
        /// Named stages of the file.
        stages: Vec<String>,
    },
    /// A pattern of the ignore file cannot be read.
    #[error("{file} is wrong in line {line}: `{pattern}` is no pattern. Close its bracket or escape it with a backslash")]
    BadIgnore {
        /// The ignore file.
        file: String,
        /// Line number, from 1.
        line: usize,
        /// The pattern.
        pattern: String,
    },
    /// Source and build pack do not go together; settings that were checked never get here.
    #[error("this build pack cannot build this source. Choose dockerfile or static for a repository, dockerfile for a pasted Dockerfile")]
    Mismatch,
}

fn found_instead(existing: &[String]) -> String {
    match existing {
        [] => "Add one to the repository, or choose the static build pack".to_owned(),
        some => format!("Set the Dockerfile location to {}", some.join(" or ")),
    }
}

fn directories(existing: &[String]) -> String {
    match existing {
        [] => "Leave it empty to publish the whole base directory".to_owned(),
        some => format!("The base directory has {}. If a build makes the directory, use a Dockerfile", some.join(", ")),
    }
}

fn stage_names(stages: &[String]) -> String {
    match stages {
        [] => "None of its stages has a name: write FROM ... AS name, or leave the target empty".to_owned(),
        some => format!("It has {}", some.join(", ")),
    }
}
