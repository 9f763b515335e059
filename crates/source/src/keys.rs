//! Keys to sign in to git hosts with: made, read, never encrypted.

use aws_lc_rs::rand;
use model::{Invalid, Secret};
use ssh_key::{Algorithm, HashAlg, LineEnding, PrivateKey, private::Ed25519Keypair};

/// The comment in the keys made here; it shows where a public key is listed.
const COMMENT: &str = "wharf";

/// What is known of a private key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Public {
    /// Its public half, in OpenSSH's one-line form.
    pub line: String,
    /// Its fingerprint as `ssh-keygen -l` prints it: `SHA256:...`.
    pub fingerprint: String,
}

/// Makes an Ed25519 key pair: the private half in OpenSSH's form, and the public half in one line.
///
/// # Errors
/// The machine gives no randomness.
pub fn generate() -> Result<(Secret, String), Invalid> {
    let no_chance = || Invalid::new("this machine gives no random numbers, so no key can be made. Try again");
    let mut seed = [0; 32];
    rand::fill(&mut seed).map_err(|_| no_chance())?;
    let mut key = PrivateKey::from(Ed25519Keypair::from_seed(&seed));
    key.set_comment(COMMENT);
    let private = key.to_openssh(LineEnding::LF).map_err(|_| no_chance())?;
    let public = key.public_key().to_openssh().map_err(|_| no_chance())?;
    Ok((Secret::new(private.as_str()), public))
}

/// Reads a private key.
///
/// # Errors
/// A text that is no private key in OpenSSH's form, one that is encrypted, or one of a kind that git hosts no longer take.
pub fn read(private: &Secret) -> Result<Public, Invalid> {
    let text = normalised(private);
    let text = text.expose();
    if text.contains("ENCRYPTED") {
        return Err(encrypted());
    }
    if text.starts_with("ssh-") || text.starts_with("ecdsa-") {
        return Err(Invalid::new("this is a public key: paste the private one, which begins with -----BEGIN OPENSSH PRIVATE KEY-----"));
    }
    if text.contains("PRIVATE KEY-----") && !text.contains("BEGIN OPENSSH PRIVATE KEY") {
        return Err(Invalid::new("this key is in an old form: turn it into OpenSSH's with `ssh-keygen -p -f FILE` and paste it again"));
    }
    let key = PrivateKey::from_openssh(text)
        .map_err(|_| Invalid::new("this is no private key, or not all of one: paste the whole file, first and last line included"))?;
    if key.is_encrypted() {
        return Err(encrypted());
    }
    if matches!(key.algorithm(), Algorithm::Dsa) {
        return Err(Invalid::new("DSA keys are no longer taken by git hosts: make an Ed25519 key"));
    }
    let line = key.public_key().to_openssh().map_err(|_| Invalid::new("the public half of this key cannot be written"))?;
    Ok(Public { line, fingerprint: key.fingerprint(HashAlg::Sha256).to_string() })
}

/// The key as ssh reads it: plain line ends, one at the end.
pub(crate) fn normalised(private: &Secret) -> Secret {
    let lines: Vec<_> = private.expose().trim().lines().map(str::trim).collect();
    Secret::new(lines.join("\n") + "\n")
}

fn encrypted() -> Invalid {
    Invalid::new("this key needs a passphrase, which nobody could type here: make a key without one, or remove it with `ssh-keygen -p`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_made_key_reads_back() {
        let (private, public) = generate().expect("a key");
        let read = read(&private).expect("readable");
        assert_eq!(read.line, public);
        assert!(public.starts_with("ssh-ed25519 ") && public.ends_with(" wharf") && read.fingerprint.starts_with("SHA256:"));
        assert_ne!(generate().expect("a key").1, public);
    }

    #[test]
    fn what_a_form_does_to_a_key_is_undone() {
        let (private, _) = generate().expect("a key");
        let pasted = Secret::new(format!("  {}\r\n\r\n", private.expose().replace('\n', "\r\n")));
        assert!(read(&pasted).is_ok());
        assert_eq!(normalised(&pasted).expose(), private.expose());
    }

    #[test]
    fn what_is_no_usable_key_is_refused_with_the_reason() {
        let (private, public) = generate().expect("a key");
        for (text, part) in [
            ("", "no private key"),
            (public.as_str(), "public key"),
            ("-----BEGIN RSA PRIVATE KEY-----\nx\n-----END RSA PRIVATE KEY-----", "old form"),
            ("-----BEGIN ENCRYPTED PRIVATE KEY-----\nx", "passphrase"),
            (&private.expose()[..120], "not all of one"),
        ] {
            assert!(read(&Secret::new(text)).is_err_and(|why| why.0.contains(part)), "{part}");
        }
    }
}
