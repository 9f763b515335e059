//! The ACME server issues to a real client that proves itself, and to nobody else.

use instant_acme::{Account, AuthorizationStatus, ChallengeType, Error, Identifier, NewAccount, NewOrder, Order, OrderStatus, RetryPolicy};
use rustls::RootCertStore;
use rustls::client::WebPkiServerVerifier;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use std::sync::Arc;
use testkit::{Acme, TestAcme};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

async fn account(acme: &TestAcme) -> Result<Account, Error> {
    let new = NewAccount { contact: &[], terms_of_service_agreed: true, only_return_existing: false };
    Account::builder_with_root(acme.authority_file())?.create(&new, acme.directory(), None).await.map(|(account, _)| account)
}

async fn order(acme: &TestAcme, name: &str) -> Order {
    let identifiers = [Identifier::Dns(name.to_owned())];
    account(acme).await.expect("an account").new_order(&NewOrder::new(&identifiers)).await.expect("an order")
}

/// Answers every request on this port with this text.
async fn say(port: u16, text: String) {
    let listener = TcpListener::bind(("127.0.0.1", port)).await.expect("the port");
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = stream.read(&mut [0; 2048]).await;
            let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{text}", text.len());
            let _ = stream.write_all(answer.as_bytes()).await;
        }
    });
}

/// Whether the certificate is for this name and leads to what the server says is its root.
async fn leads_to_root(acme: &TestAcme, chain: &str, name: &str) -> bool {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(acme.issuer().await.expect("a root").as_bytes()).expect("a certificate")).expect("a root");
    let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::new(aws_lc_rs::default_provider())).build().expect("a verifier");
    let chain: Vec<_> = CertificateDer::pem_slice_iter(chain.as_bytes()).map(|read| read.expect("a certificate")).collect();
    let name = ServerName::try_from(name.to_owned()).expect("a name");
    rustls::client::danger::ServerCertVerifier::verify_server_cert(&*verifier, &chain[0], &chain[1..], &name, &[], UnixTime::now()).is_ok()
}

#[tokio::test]
async fn who_answers_the_challenge_over_http_gets_a_certificate_that_leads_to_the_root() {
    let acme = TestAcme::start().await.expect("an ACME server");
    let mut order = order(&acme, "shop.test").await;
    let mut authorizations = order.authorizations();
    let mut authorization = authorizations.next().await.expect("one").expect("an authorization");
    assert_eq!(authorization.status, AuthorizationStatus::Pending);
    let mut challenge = authorization.challenge(ChallengeType::Http01).expect("a challenge");
    say(acme.http_port(), challenge.key_authorization().as_str().to_owned()).await;
    challenge.set_ready().await.expect("ready");
    assert_eq!(order.poll_ready(&RetryPolicy::default()).await.expect("looked at"), OrderStatus::Ready);
    order.finalize().await.expect("asked for");
    let chain = order.poll_certificate(&RetryPolicy::default()).await.expect("issued");
    assert!(leads_to_root(&acme, &chain, "shop.test").await);
    assert!(!leads_to_root(&acme, &chain, "other.test").await);
}

#[tokio::test]
async fn a_wrong_answer_and_an_answer_in_the_zone_are_told_apart() {
    let acme = TestAcme::start().await.expect("an ACME server");
    say(acme.http_port(), "no key".to_owned()).await;
    let mut refused = order(&acme, "shop.test").await;
    let mut authorizations = refused.authorizations();
    let mut authorization = authorizations.next().await.expect("one").expect("an authorization");
    authorization.challenge(ChallengeType::Http01).expect("a challenge").set_ready().await.expect("ready");
    let error = refused.poll_ready(&RetryPolicy::default()).await.expect_err("not what was asked for");
    assert!(error.to_string().contains("unauthorized"), "{error}");

    let mut proven = order(&acme, "*.shop.test").await;
    let mut authorizations = proven.authorizations();
    let mut authorization = authorizations.next().await.expect("one").expect("an authorization");
    let mut challenge = authorization.challenge(ChallengeType::Dns01).expect("a challenge");
    acme.set_txt("_acme-challenge.shop.test", &challenge.key_authorization().dns_value()).await.expect("a record");
    challenge.set_ready().await.expect("ready");
    assert_eq!(proven.poll_ready(&RetryPolicy::default()).await.expect("looked at"), OrderStatus::Ready);
}

#[tokio::test]
async fn faults_and_rules_that_are_set_are_met() {
    let refuses = TestAcme::set_up(Acme { nonces_refused_percent: 100, ..Acme::default() }).await.expect("an ACME server");
    let error = account(&refuses).await.err().expect("no nonce is good");
    assert!(error.to_string().contains("badNonce"), "{error}");

    let how = Acme { always_valid: true, blocked: vec!["blocked.test".to_owned()], ..Acme::default() };
    let lenient = TestAcme::set_up(how).await.expect("an ACME server");
    let mut order = order(&lenient, "shop.test").await;
    let mut authorizations = order.authorizations();
    let mut authorization = authorizations.next().await.expect("one").expect("an authorization");
    authorization.challenge(ChallengeType::Http01).expect("a challenge").set_ready().await.expect("ready");
    assert_eq!(order.poll_ready(&RetryPolicy::default()).await.expect("looked at"), OrderStatus::Ready, "nobody answers");
    let identifiers = [Identifier::Dns("blocked.test".to_owned())];
    let error = account(&lenient).await.expect("an account").new_order(&NewOrder::new(&identifiers)).await.err().expect("blocked");
    assert!(error.to_string().contains("rejectedIdentifier"), "{error}");

    let key = "zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W";
    let strict = Acme { external_account: Some(("kid-1".to_owned(), key.to_owned())), ..Acme::default() };
    let strict = TestAcme::set_up(strict).await.expect("an ACME server");
    let error = account(&strict).await.err().expect("no account");
    assert!(error.to_string().contains("externalAccountRequired"), "{error}");
}
