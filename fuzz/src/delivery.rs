//! Webhooks: nothing unproven is read, and nothing proven breaks the reader.

use aws_lc_rs::hmac;
use model::Secret;
use source::webhook::{Forge, Refusal, receive};

const SECRET: &str = "a secret";

/// One body, sent as every forge, proven and unproven, as JSON and as a form.
pub fn delivery(body: &[u8]) {
    let key = hmac::Key::new(hmac::HMAC_SHA256, SECRET.as_bytes());
    let signature: String = hmac::sign(&key, body).as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    let prefixed = format!("sha256={signature}");
    for (forge, event, proof_header, proof, push) in [
        (Forge::GitHub, "X-GitHub-Event", "X-Hub-Signature-256", prefixed.as_str(), "push"),
        (Forge::GitLab, "X-Gitlab-Event", "X-Gitlab-Token", SECRET, "Push Hook"),
        (Forge::Gitea, "X-Gitea-Event", "X-Gitea-Signature", signature.as_str(), "push"),
        (Forge::Bitbucket, "X-Event-Key", "X-Hub-Signature", prefixed.as_str(), "repo:push"),
    ] {
        for kind in ["application/json", "application/x-www-form-urlencoded"] {
            let header = |name: &str| {
                let known = [(event, push), (proof_header, proof), ("Content-Type", kind)];
                known.into_iter().find(|(header, _)| header.eq_ignore_ascii_case(name)).map(|(_, value)| value)
            };
            if let Ok(delivery) = receive(forge, header, body, &Secret::new(SECRET)) {
                assert!(delivery.pushes().all(|push| !push.repository.is_empty()), "a push to nowhere");
            }
            let refused = receive(forge, header, body, &Secret::new("another secret"));
            assert_eq!(refused.err(), Some(Refusal::WrongProof), "{} was read without proof", forge.as_str());
        }
    }
}
