//! What git and ssh write when they fail, put into our own words. Pure, so that every message that was seen is a test.

use crate::Error;
use model::{GitUrl, git::GitTransport};

/// Lines of a failure that are kept for people.
const TAIL_LENGTH_LINES: usize = 20;

/// Signs of a failure and what it means; the first row with a match decides, so the surer ones stand first.
const SIGNS: [(Meaning, &[&str]); 7] = [
    (Meaning::HostKeyChanged, &["REMOTE HOST IDENTIFICATION HAS CHANGED", "Host key verification failed"]),
    (Meaning::CommitGone, &["not our ref", "unadvertised object", "Server does not allow request for"]),
    (Meaning::ReferenceGone, &["couldn't find remote ref", "could not find remote ref"]),
    (
        Meaning::AuthenticationFailed,
        &["Permission denied (", "Authentication failed", "Access denied", "Too many authentication failures", "error in libcrypto", "returned error: 403"],
    ),
    (
        Meaning::NotFound,
        &[
            "could not read Username",
            "could not read Password",
            "terminal prompts disabled",
            "epository not found",
            "does not appear to be a git repository",
            "returned error: 404",
            "returned error: 401",
            "could not be found",
            "' not found",
            "does not exist",
            "not valid: is this a git repository",
        ],
    ),
    (
        Meaning::Unreachable,
        &[
            "Could not resolve host",
            "Couldn't connect to server",
            "Failed to connect",
            "Connection refused",
            "Connection timed out",
            "Operation timed out",
            "No route to host",
            "Network is unreachable",
            "Connection reset",
            "Connection closed by",
            "kex_exchange_identification",
            "Empty reply from server",
            "early EOF",
            "unexpected disconnect",
            "hung up unexpectedly",
            "certificate",
            "SSL",
            "TLS",
            "returned error: 3",
            "returned error: 5",
            "returned error: 429",
            "not supported or disabled",
        ],
    ),
    (Meaning::NotAllowed, &["' not allowed"]),
];

#[derive(Clone, Copy)]
enum Meaning {
    HostKeyChanged,
    CommitGone,
    ReferenceGone,
    AuthenticationFailed,
    NotFound,
    Unreachable,
    NotAllowed,
}

/// What a failure of git at this repository means. `wanted` is the reference or commit that was asked for.
pub fn classify(stderr: &str, url: &GitUrl, wanted: &str) -> Error {
    let found = SIGNS.iter().find_map(|(meaning, signs)| Some((*meaning, stderr.lines().find(|line| signs.iter().any(|sign| line.contains(sign)))?)));
    let host = url.host().unwrap_or_else(|| "this machine".to_owned());
    match found {
        Some((Meaning::HostKeyChanged, _)) => Error::HostKeyChanged { host },
        Some((Meaning::CommitGone, _)) => Error::CommitGone { commit: wanted.to_owned() },
        Some((Meaning::ReferenceGone, _)) => Error::ReferenceGone { reference: wanted.to_owned(), existing: Vec::new() },
        Some((Meaning::AuthenticationFailed, _)) => Error::AuthenticationFailed { host },
        Some((Meaning::NotFound, _)) => Error::NotFound { url: url.to_string() },
        Some((Meaning::Unreachable, line)) => Error::Unreachable { host, why: plain(line, url) },
        Some((Meaning::NotAllowed, _)) => not_allowed(url),
        None => Error::Failed { tail: tail(stderr) },
    }
}

/// Whether a failure may be the cache's fault, as after a process that was killed: then it is made anew.
pub fn blames_cache(stderr: &str) -> bool {
    let signs = [".lock': File exists", ".lock'", "bad object", "is corrupt", "is empty", "missing blob", "missing tree", "did not send all necessary objects"];
    let more = [
        "unable to read",
        "inflate: ",
        "bad config",
        "Could not read",
        "invalid index-pack",
        "not a git repository:",
        "shallow file has changed",
        "bad shallow line",
    ];
    // What the host broke off is not the cache's fault.
    let others = ["Could not read from remote repository", "early EOF", "unexpected disconnect"];
    signs.iter().chain(&more).any(|sign| stderr.contains(sign)) && !others.iter().any(|sign| stderr.contains(sign))
}

fn not_allowed(url: &GitUrl) -> Error {
    let setting = if url.transport() == GitTransport::File { "--allow-local-git" } else { "--allow-private-sources" };
    Error::NotAllowed { what: format!("reading {url}"), setting }
}

/// The line without git's prefix and without the address, which people know.
fn plain(line: &str, url: &GitUrl) -> String {
    let line = line.trim().trim_start_matches("fatal: ").trim_start_matches("ssh: ").trim_start_matches("remote: ");
    let about = format!("unable to access '{}/': ", url.as_str().trim_end_matches('/'));
    line.strip_prefix(about.as_str()).unwrap_or(line).trim_end_matches(['.', '\r']).to_owned()
}

fn tail(stderr: &str) -> String {
    let lines: Vec<_> = stderr.lines().map(str::trim_end).filter(|line| !line.is_empty()).collect();
    lines[lines.len().saturating_sub(TAIL_LENGTH_LINES)..].join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn https(stderr: &str) -> String {
        classify(stderr, &"https://git.example.com/ada/shop.git".parse().expect("a repository"), "main").to_string()
    }

    fn ssh(stderr: &str) -> String {
        classify(stderr, &"git@git.example.com:ada/shop.git".parse().expect("a repository"), "main").to_string()
    }

    #[test]
    fn what_may_be_missing_or_private_says_both() {
        for stderr in [
            "fatal: could not read Username for 'https://git.example.com': terminal prompts disabled",
            "remote: Not Found\nfatal: repository 'https://git.example.com/ada/shop.git/' not found",
            "fatal: unable to access 'https://git.example.com/ada/shop.git/': The requested URL returned error: 404",
            "fatal: https://git.example.com/ada/shop.git/info/refs not valid: is this a git repository?",
        ] {
            assert!(https(stderr).contains("or it needs credentials"), "{stderr}");
        }
        assert!(ssh("ERROR: Repository not found.\nfatal: Could not read from remote repository.").contains("or it needs credentials"));
        assert!(ssh("fatal: '/srv/x' does not appear to be a git repository\nfatal: Could not read from remote repository.").contains("no repository at"));
    }

    #[test]
    fn refused_credentials_name_the_host() {
        for stderr in ["git@git.example.com: Permission denied (publickey).\nfatal: Could not read from remote repository.", "Too many authentication failures"]
        {
            assert!(ssh(stderr).starts_with("git.example.com refused the credentials"), "{stderr}");
        }
        assert!(https("remote: HTTP Basic: Access denied\nfatal: Authentication failed for 'x'").contains("refused the credentials"));
    }

    #[test]
    fn a_host_that_does_not_answer_is_named_with_the_reason() {
        assert_eq!(
            https("fatal: unable to access 'https://git.example.com/ada/shop.git/': Could not resolve host: git.example.com"),
            "git.example.com cannot be reached: Could not resolve host: git.example.com. Check the address, and that this machine may connect to it"
        );
        for stderr in ["ssh: connect to host git.example.com port 22: Connection refused", "kex_exchange_identification: read: Connection reset by peer"] {
            assert!(ssh(stderr).contains("cannot be reached"), "{stderr}");
        }
        assert!(
            https("fetch-pack: unexpected disconnect while reading sideband packet\nfatal: early EOF").contains("cannot be reached: fetch-pack: unexpected")
        );
        assert!(https("fatal: unable to access 'https://x/': server certificate verification failed").contains("certificate verification failed"));
    }

    #[test]
    fn a_changed_host_key_is_never_taken_for_a_refusal() {
        let stderr = "@@@\n@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @\nPermission denied (publickey).\nHost key verification failed.";
        assert!(ssh(stderr).contains("another host key"));
    }

    #[test]
    fn what_is_gone_is_told_apart() {
        assert!(https("fatal: remote error: upload-pack: not our ref aaaa").contains("does not have commit main"));
        assert!(https("fatal: couldn't find remote ref refs/heads/main").contains("no branch or tag `main`"));
    }

    #[test]
    fn anything_else_keeps_its_last_lines() {
        let stderr: String = (0..40).map(|line| format!("line {line}\n\n")).collect();
        let said = https(&stderr);
        assert!(said.starts_with("git failed:\nline 20\n") && said.ends_with("line 39"), "{said}");
    }

    #[test]
    fn a_killed_process_leaves_signs_in_the_cache() {
        assert!(blames_cache("fatal: Unable to create '/c/shallow.lock': File exists."));
        assert!(blames_cache("fatal: bad object HEAD"));
        assert!(!blames_cache("fatal: Could not read from remote repository."));
        assert!(!blames_cache("fatal: early EOF\nfatal: fetch-pack: invalid index-pack output"));
    }
}
