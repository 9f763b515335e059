//! Deliveries as the forges send them.

use super::*;
use proptest::prelude::*;

const SECRET: &str = "it is a secret";

fn signature(body: &[u8], secret: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    hexadecimal(hmac::sign(&key, body).as_ref())
}

/// Receives a delivery whose headers are found whatever their case.
fn deliver(forge: Forge, headers: &[(&str, &str)], body: &str, secret: &str) -> Result<Delivery, Refusal> {
    let find = |name: &str| headers.iter().find(|(header, _)| header.eq_ignore_ascii_case(name)).map(|(_, value)| *value);
    receive(forge, find, body.as_bytes(), &Secret::new(secret))
}

fn github(event: &str, body: &str) -> Result<Delivery, Refusal> {
    let proof = format!("sha256={}", signature(body.as_bytes(), SECRET));
    deliver(Forge::GitHub, &[("x-github-event", event), ("x-github-delivery", "d-1"), ("x-hub-signature-256", &proof)], body, SECRET)
}

fn push_of(delivery: Delivery) -> Push {
    match delivery.event {
        Event::Push(push) => push,
        other => panic!("no push: {other:?}"),
    }
}

fn sha(digit: char) -> String {
    digit.to_string().repeat(40)
}

fn github_body() -> String {
    let commit = |id: char, message: &str, added: &str, modified: &str| serde_json::json!({"id": sha(id), "message": message, "added": [added], "removed": [], "modified": [modified], "distinct": true});
    let (one, two) = (commit('b', "One\n\nmore", "a.txt", "b.txt"), commit('c', "Two", "c/d.txt", "b.txt"));
    serde_json::json!({
        "ref": "refs/heads/feature/x", "before": sha('a'), "after": sha('c'), "created": false, "deleted": false, "forced": false,
        "repository": {"id": 1, "full_name": "Ada/Shop"}, "pusher": {"name": "ada", "email": "ada@example.com"},
        "compare": "https://git.example.com/Ada/Shop/compare/a...c", "commits": [one, two], "head_commit": two,
    })
    .to_string()
}

#[test]
fn the_known_signature_of_the_documentation_is_taken() {
    // GitHub's own test values.
    let proof = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
    let body = "Hello, World!";
    let refused = deliver(Forge::GitHub, &[("X-GitHub-Event", "ping"), ("X-Hub-Signature-256", proof)], body, "It's a Secret to Everybody");
    assert_eq!(refused.map(|delivery| delivery.event), Ok(Event::Ping));
}

#[test]
fn a_push_of_github_is_read() {
    let delivery = github("push", &github_body()).expect("a delivery");
    assert_eq!(delivery.id, "d-1");
    let push = push_of(delivery);
    assert_eq!((push.repository.as_str(), &push.pushed, push.deleted, push.complete), ("ada/shop", &Pushed::Branch("feature/x".to_owned()), false, true));
    assert_eq!((push.before.map(String::from), push.after.map(String::from)), (Some(sha('a')), Some(sha('c'))));
    assert_eq!(push.commits.iter().map(|commit| commit.changed.join(",")).collect::<Vec<_>>(), ["a.txt,b.txt", "c/d.txt,b.txt"]);
    assert_eq!((push.message.as_deref(), push.pusher.as_deref()), (Some("Two"), Some("ada")));
    assert!(push.compare_url.is_some_and(|url| url.ends_with("/compare/a...c")));
}

#[test]
fn a_form_of_github_is_read_like_its_json() {
    let body: String = url::form_urlencoded::Serializer::new(String::new()).append_pair("payload", &github_body()).finish();
    let proof = format!("sha256={}", signature(body.as_bytes(), SECRET));
    let headers = [("X-GitHub-Event", "push"), ("X-Hub-Signature-256", &proof), ("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")];
    let delivery = deliver(Forge::GitHub, &headers, &body, SECRET).expect("a delivery");
    assert_eq!(delivery.id.len(), 64);
    assert_eq!(push_of(delivery).repository, "ada/shop");
}

#[test]
fn a_new_branch_or_a_forced_push_names_no_complete_list_of_paths() {
    let created = github_body().replace(&sha('a'), &sha('0'));
    let push = push_of(github("push", &created).expect("a delivery"));
    assert_eq!((push.before, push.complete), (None, false));
    let mut back: serde_json::Value = serde_json::from_str(&github_body()).expect("json");
    back["commits"] = serde_json::json!([]);
    assert!(!push_of(github("push", &back.to_string()).expect("a delivery")).complete);
    let forced = github_body().replace("\"forced\":false", "\"forced\":true");
    assert!(!push_of(github("push", &forced).expect("a delivery")).complete);
}

#[test]
fn a_removed_branch_has_no_commit_after() {
    let mut body: serde_json::Value = serde_json::from_str(&github_body()).expect("json");
    (body["after"], body["deleted"], body["head_commit"], body["commits"]) = (sha('0').into(), true.into(), serde_json::Value::Null, serde_json::json!([]));
    let push = push_of(github("push", &body.to_string()).expect("a delivery"));
    assert_eq!((push.after, push.deleted), (None, true));
}

#[test]
fn tags_pings_and_other_events_are_told_apart() {
    let tag = github_body().replace("refs/heads/feature/x", "refs/tags/v1");
    assert_eq!(push_of(github("push", &tag).expect("a delivery")).pushed, Pushed::Tag("v1".to_owned()));
    assert_eq!(github("ping", "{}").map(|delivery| delivery.event), Ok(Event::Ping));
    assert_eq!(github("issues", "{}").map(|delivery| delivery.event), Ok(Event::Other("issues".to_owned())));
    let notes = github_body().replace("refs/heads/feature/x", "refs/notes/commits");
    assert_eq!(github("push", &notes).map(|delivery| delivery.event), Ok(Event::Other("refs/notes/commits".to_owned())));
}

#[test]
fn gitea_and_forgejo_sign_without_a_prefix_or_like_github() {
    let body = github_body().replace("\"compare\"", "\"compare_url\"").replace("\"name\":\"ada\"", "\"login\":\"ada\"");
    let (bare, prefixed) = (signature(body.as_bytes(), SECRET), format!("sha256={}", signature(body.as_bytes(), SECRET)));
    for proof in [("X-Gitea-Signature", bare.as_str()), ("X-Hub-Signature-256", prefixed.as_str())] {
        let push = push_of(deliver(Forge::Gitea, &[("X-Gitea-Event", "push"), ("X-Gitea-Delivery", "g"), proof], &body, SECRET).expect("a delivery"));
        assert_eq!((push.repository.as_str(), push.pusher.as_deref(), push.compare_url.is_some()), ("ada/shop", Some("ada"), true));
    }
}

#[test]
fn gitlab_proves_itself_by_its_token() {
    let commits = serde_json::json!([{"id": sha('b'), "message": "One", "added": ["a"], "modified": [], "removed": ["z"]}]);
    let body = serde_json::json!({
        "object_kind": "push", "ref": "refs/heads/main", "before": sha('a'), "after": sha('b'), "checkout_sha": sha('b'), "user_name": "Ada L", "user_username": "ada",
        "project": {"path_with_namespace": "Group/Sub/Shop", "web_url": "https://git.example.com/group/sub/shop"}, "commits": commits, "total_commits_count": 1,
    });
    let headers = |token| [("X-Gitlab-Event", "Push Hook"), ("X-Gitlab-Event-UUID", "u-1"), ("X-Gitlab-Token", token)];
    let delivery = deliver(Forge::GitLab, &headers(SECRET), &body.to_string(), SECRET).expect("a delivery");
    assert_eq!(delivery.id, "u-1");
    let push = push_of(delivery);
    assert_eq!((push.repository.as_str(), push.complete, push.pusher.as_deref(), push.message.as_deref()), ("group/sub/shop", true, Some("ada"), Some("One")));
    assert_eq!(push.commits[0].changed, ["a", "z"]);
    assert_eq!(push.compare_url, Some(format!("https://git.example.com/group/sub/shop/-/compare/{}...{}", sha('a'), sha('b'))));

    let mut more = body.clone();
    more["total_commits_count"] = 30.into();
    assert!(!push_of(deliver(Forge::GitLab, &headers(SECRET), &more.to_string(), SECRET).expect("a delivery")).complete);
    assert_eq!(deliver(Forge::GitLab, &headers("it is a secre"), &body.to_string(), SECRET), Err(Refusal::WrongProof));
    let system = [("X-Gitlab-Event", "System Hook"), ("X-Gitlab-Token", SECRET)];
    assert!(matches!(deliver(Forge::GitLab, &system, &body.to_string(), SECRET).map(|delivery| delivery.event), Ok(Event::Push(_))));
}

#[test]
fn bitbucket_tells_of_several_branches_at_once() {
    let state = |kind: &str, name: &str, hash: char| serde_json::json!({"type": kind, "name": name, "target": {"hash": sha(hash), "message": "Two\n"}});
    let change = |old: Option<serde_json::Value>, new: Option<serde_json::Value>| serde_json::json!({"old": old, "new": new, "commits": [{"hash": sha('b'), "message": "Two\n"}], "links": {"html": {"href": "https://git.example.com/c"}}});
    let changes = [
        change(Some(state("branch", "main", 'a')), Some(state("branch", "main", 'b'))),
        change(Some(state("branch", "old", 'a')), None),
        change(None, Some(state("tag", "v1", 'b'))),
    ];
    let body = serde_json::json!({"actor": {"nickname": "ada"}, "repository": {"full_name": "Ada/Shop"}, "push": {"changes": changes}}).to_string();
    let proof = format!("sha256={}", signature(body.as_bytes(), SECRET));
    let delivery =
        deliver(Forge::Bitbucket, &[("X-Event-Key", "repo:push"), ("X-Request-UUID", "r"), ("X-Hub-Signature", &proof)], &body, SECRET).expect("a delivery");
    let pushes: Vec<_> = delivery.pushes().map(|push| (push.pushed.clone(), push.deleted, push.complete)).collect();
    let expected =
        [(Pushed::Branch("main".to_owned()), false, false), (Pushed::Branch("old".to_owned()), true, false), (Pushed::Tag("v1".to_owned()), false, false)];
    assert_eq!(pushes, expected);
    let push = push_of(delivery);
    assert_eq!((push.repository.as_str(), push.message.as_deref(), push.pusher.as_deref()), ("ada/shop", Some("Two"), Some("ada")));
}

#[test]
fn without_proof_nothing_is_taken() {
    let body = github_body();
    let good = format!("sha256={}", signature(body.as_bytes(), SECRET));
    for forge in [Forge::GitHub, Forge::GitLab, Forge::Gitea, Forge::Bitbucket] {
        let (event, header) = (forge.event_header(), forge.proof_header());
        for secret in ["", "  "] {
            let token = if forge == Forge::GitLab { secret } else { good.as_str() };
            assert_eq!(deliver(forge, &[(event, "push"), (header, token)], &body, secret), Err(Refusal::NoSecret));
        }
        assert_eq!(deliver(forge, &[(event, "push")], &body, SECRET), Err(Refusal::NoProof { header }));
        assert_eq!(deliver(forge, &[(event, "push"), (header, "")], &body, SECRET), Err(Refusal::NoProof { header }));
        for wrong in ["sha256=", "sha1=abc", &signature(body.as_bytes(), "other"), &format!("sha256={}", signature(b"other", SECRET)), &good[..good.len() - 1]]
        {
            assert_eq!(deliver(forge, &[(event, "push"), (header, wrong)], &body, SECRET), Err(Refusal::WrongProof), "{forge:?} {wrong}");
        }
    }
    let changed = body.replace("shop", "shoq");
    assert_eq!(
        deliver(Forge::GitHub, &[("X-GitHub-Event", "push"), ("X-Hub-Signature-256", &good)], &changed.replace("Shop", "Shoq"), SECRET),
        Err(Refusal::WrongProof)
    );
    assert_eq!(
        deliver(Forge::GitHub, &[("X-Hub-Signature-256", &good)], &body, SECRET),
        Err(Refusal::NoEvent { forge: Forge::GitHub, header: "X-GitHub-Event" })
    );
}

#[test]
fn what_cannot_be_read_is_said() {
    assert!(matches!(github("push", "no json"), Err(Refusal::Unreadable { .. })));
    assert!(matches!(github("push", "{}"), Err(Refusal::Unreadable { .. })));
    assert_eq!(github("push", &" ".repeat(BODY_LENGTH_BYTES + 1)), Err(Refusal::TooLarge));
}

proptest! {
    #[test]
    fn no_signed_body_makes_the_reader_panic(body in "\\PC{0,200}", event in prop::sample::select(vec!["push", "repo:push", "Push Hook", "System Hook"])) {
        let proof = signature(body.as_bytes(), SECRET);
        let prefixed = format!("sha256={proof}");
        for forge in [Forge::GitHub, Forge::GitLab, Forge::Gitea, Forge::Bitbucket] {
            let token = if forge == Forge::GitLab { SECRET } else { prefixed.as_str() };
            let _ = deliver(forge, &[(forge.event_header(), event), (forge.proof_header(), token)], &body, SECRET);
        }
    }

    #[test]
    fn no_forged_signature_is_taken(body in "\\PC{0,50}", proof in "(sha256=)?[0-9a-f]{0,64}") {
        prop_assert!(deliver(Forge::GitHub, &[("X-GitHub-Event", "ping"), ("X-Hub-Signature-256", &proof)], &body, SECRET).is_err());
    }
}
