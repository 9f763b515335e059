//! The mail server keeps what a real client sends: curl.

use std::time::{Duration, Instant};
use testkit::{MailFault, MailSecurity, TestMail};

const WITHIN: Duration = Duration::from_secs(10);
const MESSAGE: &str = "From: Wharf <wharf@example.com>\r\nTo: Ada <ada@example.com>\r\nSubject: =?utf-8?q?Deployed_=E2=9C=93?=\r\n\
    Content-Type: text/plain; charset=utf-8\r\n\r\nshop is live.\r\n";

/// Sends the message; curl's own words when it cannot.
async fn send(mail: &TestMail, scheme: &str, arguments: &[&str]) -> Result<(), String> {
    let address = format!("{scheme}://localhost:{}", mail.port());
    let envelope = ["--mail-from", "wharf@example.com", "--mail-rcpt", "ada@example.com", "--mail-rcpt", "bob@example.com", "--upload-file", "-"];
    let command = host::Command::new("curl").args(["--silent", "--show-error", "--ipv4", "--verbose", "--url", &address]).args(envelope);
    let output = command.args(arguments.iter().copied()).input(MESSAGE).run().await.map_err(|error| error.to_string())?;
    if output.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&output.stderr).into_owned()) }
}

#[tokio::test]
async fn a_message_is_kept_with_its_envelope_and_its_headers() {
    let mail = TestMail::start().await.expect("a mail server");
    send(&mail, "smtp", &[]).await.expect("sent");
    let kept = mail.wait_for_mail(WITHIN, |mail| mail.header("subject") == Some("Deployed ✓")).await.expect("arrived");
    assert_eq!((kept.from.as_str(), kept.to.as_slice()), ("wharf@example.com", &["ada@example.com".to_owned(), "bob@example.com".to_owned()][..]));
    assert_eq!(kept.header("To"), Some("Ada <ada@example.com>"));
    assert_eq!(kept.text.as_deref().map(str::trim), Some("shop is live."));
    assert!(!kept.encrypted && kept.user.is_none() && kept.raw.contains("=?utf-8?q?"), "{kept:?}");
    send(&mail, "smtp", &[]).await.expect("sent");
    assert_eq!(mail.arrived().expect("read").len(), 2);
}

#[tokio::test]
async fn mail_is_taken_over_tls_of_who_logs_in() {
    for (security, scheme, insists) in [(MailSecurity::StartTls, "smtp", true), (MailSecurity::Tls, "smtps", false)] {
        let mail = TestMail::builder().security(security).user("ada", "lovelace").start().await.expect("a mail server");
        let authority = mail.authority_file();
        let trusts = ["--ssl-reqd", "--cacert", authority.to_str().expect("a path that is text")];
        send(&mail, scheme, &[&trusts[..], &["--user", "ada:lovelace"]].concat()).await.expect("let in");
        let kept = mail.wait_for_mail(WITHIN, |_| true).await.expect("arrived");
        assert!(kept.encrypted && kept.user.as_deref() == Some("ada"), "{kept:?}");

        let wrong = send(&mail, scheme, &[&trusts[..], &["--user", "ada:wrong"]].concat()).await.expect_err("a wrong password");
        assert!(wrong.contains("535"), "{wrong}");
        let nobody = send(&mail, scheme, &trusts).await.expect_err("no password");
        assert!(nobody.contains("530"), "{nobody}");
        send(&mail, scheme, &["--ssl-reqd", "--user", "ada:lovelace"]).await.expect_err("a certificate of nobody known");
        if insists {
            send(&mail, scheme, &["--user", "ada:lovelace"]).await.expect_err("without TLS");
        }
        assert_eq!(mail.arrived().expect("read").len(), 1);
    }
}

#[tokio::test]
async fn faults_come_and_go() {
    let mail = TestMail::start().await.expect("a mail server");
    let faults = [
        (MailFault::RefusesSender, "550 5.7.1"),
        (MailFault::RefusesRecipients, "550 5.1.1"),
        (MailFault::Busy, "451 4.3.2"),
        (MailFault::RefusesMessage, "554 5.7.1"),
    ];
    for (fault, answer) in faults {
        mail.set_fault(&fault).expect("set");
        let error = send(&mail, "smtp", &[]).await.expect_err("refused");
        assert!(error.contains(answer), "{error}");
    }
    mail.set_fault(&MailFault::Slow(1)).expect("set");
    let began = Instant::now();
    send(&mail, "smtp", &[]).await.expect("sent in the end");
    assert!(began.elapsed() >= Duration::from_secs(1));
    assert_eq!(mail.arrived().expect("read").len(), 1);
}
