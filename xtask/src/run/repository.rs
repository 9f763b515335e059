//! The example's git repository: a bare one to push to, and a work tree to change.

use crate::program::Program;
use crate::workspace;
use anyhow::{Result, ensure};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// The repository.
pub struct Example {
    bare: PathBuf,
    /// Where a person changes files.
    pub work: PathBuf,
}

/// Makes it in the data folder from `examples/hello`, unless it is there.
pub fn example(data: &Path) -> Result<Example> {
    let example = Example { bare: data.join("repositories/hello.git"), work: data.join("hello") };
    if example.work.join(".git").exists() {
        return Ok(example);
    }
    fs::create_dir_all(&example.bare)?;
    git(&example.bare, &["init", "--quiet", "--bare", "--initial-branch=main"])?;
    fs::create_dir_all(&example.work)?;
    for entry in fs::read_dir(workspace::root().join("examples/hello"))? {
        let entry = entry?;
        fs::copy(entry.path(), example.work.join(entry.file_name()))?;
    }
    git(&example.work, &["init", "--quiet", "--initial-branch=main"])?;
    git(&example.work, &["remote", "add", "origin", &example.bare.display().to_string()])?;
    git(&example.work, &["config", "user.name", "Owner"])?;
    git(&example.work, &["config", "user.email", super::EMAIL])?;
    git(&example.work, &["add", "--all"])?;
    git(&example.work, &["commit", "--quiet", "--message", "Say hello"])?;
    git(&example.work, &["push", "--quiet", "--set-upstream", "origin", "main"])?;
    Ok(example)
}

impl Example {
    /// Its address.
    pub fn url(&self) -> String {
        format!("file://{}", self.bare.display())
    }

    /// Makes a push deploy the application, with the deployment's log as the answer to the push. git runs the hook; its words are ours alone.
    pub fn deploy_on_push(&self, binary: &Path, url: &str, token: &str, application: &str) -> Result<()> {
        let binary = binary.display().to_string();
        ensure!([binary.as_str(), token].iter().all(|text| !text.contains('\'')), "{binary} has a quote in its path: move the checkout");
        let script = format!("#!/bin/sh\nWHARF_URL='{url}' WHARF_TOKEN='{token}' exec '{binary}' deploy '{application}' --follow\n");
        let hook = self.bare.join("hooks/post-receive");
        fs::write(&hook, script)?;
        Ok(fs::set_permissions(hook, fs::Permissions::from_mode(0o700))?)
    }
}

fn git(folder: &Path, arguments: &[&str]) -> Result<()> {
    Program::new("git").args(arguments).current_dir(folder).quiet()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_push_to_the_example_deploys_it() {
        let data = std::env::temp_dir().join(format!("wharf-xtask-{}", std::process::id()));
        let repository = example(&data).expect("a repository");
        repository.deploy_on_push(Path::new("/bin/echo"), "http://127.0.0.1:8000", "1|secret", "abc").expect("a hook");
        let again = example(&data).expect("the same repository");
        fs::write(again.work.join("index.html"), "changed").expect("written");
        git(&again.work, &["commit", "--quiet", "--all", "--message", "Change"]).expect("committed");
        let push = "git push --quiet origin main 2>&1";
        let said = Program::new("sh").args(["-c", push]).current_dir(&again.work).text().expect("pushed");
        fs::remove_dir_all(&data).expect("removed");
        assert!(said.contains("remote: deploy abc --follow"), "{said}");
    }
}
