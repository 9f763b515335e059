//! Webhooks as the forges send them: their headers, their bodies, their signatures.

use aws_lc_rs::hmac;
use serde_json::{Value, json};

/// Whose way of telling.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ForgeKind {
    /// GitHub: HMAC in `X-Hub-Signature-256`.
    GitHub,
    /// GitLab: the secret itself in `X-Gitlab-Token`.
    GitLab,
    /// Gitea: HMAC in `X-Gitea-Signature`.
    Gitea,
    /// Bitbucket: HMAC in `X-Hub-Signature`.
    Bitbucket,
}

impl ForgeKind {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::GitHub, Self::GitLab, Self::Gitea, Self::Bitbucket];
}

/// A push, as a forge knows it.
#[derive(Debug, Clone)]
pub struct Push {
    /// The repository's name, such as `team/hello`.
    pub repository: String,
    /// Its address over HTTP.
    pub url: String,
    /// The branch.
    pub branch: String,
    /// The branch's commit after the push.
    pub commit: String,
    /// The commit's message.
    pub message: String,
    /// Files that it changes.
    pub files: Vec<String>,
}

/// A request that a forge would make.
#[derive(Debug, Clone)]
pub struct Webhook {
    /// Header fields.
    pub headers: Vec<(&'static str, String)>,
    /// The body, to be sent as it is: the signature is over these bytes.
    pub body: String,
}

impl Push {
    /// The webhook for this push, signed with the secret.
    pub fn webhook(&self, kind: ForgeKind, secret: &str) -> Webhook {
        let body = match kind {
            ForgeKind::GitLab => self.gitlab(),
            ForgeKind::Bitbucket => self.bitbucket(),
            ForgeKind::GitHub | ForgeKind::Gitea => self.github(),
        }
        .to_string();
        let delivery = delivery();
        let signature = sign(secret, &body);
        let mut headers = match kind {
            ForgeKind::GitHub => {
                vec![("x-github-event", "push".to_owned()), ("x-github-delivery", delivery), ("x-hub-signature-256", format!("sha256={signature}"))]
            }
            ForgeKind::GitLab => {
                vec![("x-gitlab-event", "Push Hook".to_owned()), ("x-gitlab-event-uuid", delivery), ("x-gitlab-token", secret.to_owned())]
            }
            ForgeKind::Gitea => vec![("x-gitea-event", "push".to_owned()), ("x-gitea-delivery", delivery), ("x-gitea-signature", signature)],
            ForgeKind::Bitbucket => {
                vec![("x-event-key", "repo:push".to_owned()), ("x-request-uuid", delivery), ("x-hub-signature", format!("sha256={signature}"))]
            }
        };
        headers.push(("content-type", "application/json".to_owned()));
        Webhook { headers, body }
    }

    fn github(&self) -> Value {
        let commit = json!({"id": self.commit, "message": self.message, "author": {"name": "Ada Pier"}, "added": [], "removed": [], "modified": self.files});
        json!({
            "ref": format!("refs/heads/{}", self.branch), "before": "0".repeat(40), "after": self.commit, "deleted": false,
            "repository": {"full_name": self.repository, "clone_url": self.url, "html_url": self.url.trim_end_matches(".git")},
            "pusher": {"name": "ada"}, "sender": {"login": "ada"}, "head_commit": commit, "commits": [commit],
        })
    }

    fn gitlab(&self) -> Value {
        json!({
            "object_kind": "push", "event_name": "push", "ref": format!("refs/heads/{}", self.branch), "before": "0".repeat(40), "after": self.commit,
            "checkout_sha": self.commit, "user_username": "ada",
            "project": {"path_with_namespace": self.repository, "git_http_url": self.url, "web_url": self.url.trim_end_matches(".git")},
            "commits": [{"id": self.commit, "message": self.message, "author": {"name": "Ada Pier"}, "added": [], "removed": [], "modified": self.files}],
        })
    }

    /// Bitbucket does not list the changed files.
    fn bitbucket(&self) -> Value {
        let target = json!({"type": "commit", "hash": self.commit, "message": self.message, "author": {"raw": "Ada Pier <ada@example.org>"}});
        json!({
            "actor": {"nickname": "ada"},
            "repository": {"full_name": self.repository, "links": {"html": {"href": self.url.trim_end_matches(".git")}}},
            "push": {"changes": [{"new": {"type": "branch", "name": self.branch, "target": target}, "old": null, "closed": false, "commits": [target]}]},
        })
    }
}

/// The HMAC-SHA256 of a body, in hexadecimal.
pub fn sign(secret: &str, body: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    hmac::sign(&key, body.as_bytes()).as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn delivery() -> String {
    let number = format!("{:032x}", rand::random::<u128>());
    format!("{}-{}-{}-{}-{}", &number[..8], &number[8..12], &number[12..16], &number[16..20], &number[20..])
}

#[cfg(test)]
mod tests {
    use super::sign;

    /// The example of GitHub's documentation.
    #[test]
    fn the_signature_is_githubs() {
        assert_eq!(sign("It's a Secret to Everybody", "Hello, World!"), "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17");
    }
}
