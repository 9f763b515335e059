//! Values that are parsed at the door.

use model::{
    Branch, CommandLine, CommitSha, Domain, Email, EnvName, GitReference, GitUrl, Host, ImageReference, MountPath, Name, PathPrefix, Port, PortMapping,
    RelativePath, Slug,
    variable::{parse_dotenv, write_dotenv},
};
use std::{
    fmt::{Debug, Display},
    str::FromStr,
};

/// Parses a text; what is taken must be read back from what is shown.
fn taken<T: FromStr + Display + PartialEq + Debug>(text: &str) -> Option<T> {
    let value: T = text.parse().ok()?;
    let again = value.to_string().parse().ok();
    assert_eq!(again.as_ref(), Some(&value), "{text:?} is shown as {value}");
    Some(value)
}

fn plain(text: &str) {
    assert!(!text.starts_with('-') && !text.contains(['\0', '\n']), "{text:?} could be an option or two lines");
}

/// Every kind of value.
pub fn values(bytes: &[u8]) {
    let text = &*String::from_utf8_lossy(bytes);
    if let Some(domain) = taken::<Domain>(text) {
        plain(&domain.to_string());
    }
    taken::<Host>(text);
    taken::<PathPrefix>(text);
    if let Some(image) = taken::<ImageReference>(text) {
        plain(image.as_str());
        let _ = (image.registry(), image.repository(), image.tag(), image.digest());
    }
    if let Some(url) = taken::<GitUrl>(text) {
        plain(url.as_str());
        plain(&url.host().unwrap_or_default());
        let _ = (url.transport(), url.repository());
    }
    if let Some(branch) = taken::<Branch>(text) {
        plain(branch.as_str());
        assert!(!branch.as_str().contains(".."), "{branch}");
    }
    // Shown to people by its short name, which does not say whether it is a tag.
    let _ = text.parse::<GitReference>();
    taken::<CommitSha>(text);
    if let Some(command) = taken::<CommandLine>(text) {
        assert!(command.argv().first().is_some_and(|program| !program.is_empty()), "{text:?} has no program");
    }
    taken::<Port>(text);
    taken::<PortMapping>(text);
    taken::<EnvName>(text);
    taken::<Email>(text);
    taken::<Name>(text);
    taken::<Slug>(text);
    taken::<MountPath>(text);
    if let Some(path) = taken::<RelativePath>(text) {
        assert!(path.as_str().split('/').all(|part| part != "..") && !path.as_str().starts_with('/'), "{path} leads out");
    }
    assert_eq!(Slug::nearest(text).as_str().parse(), Ok(Slug::nearest(text)), "{text:?} has a slug that is none");
}

/// A `.env` text: its lines are written and read back, and any value by itself.
pub fn dotenv(bytes: &[u8]) {
    let text = &*String::from_utf8_lossy(bytes);
    if let Ok(lines) = parse_dotenv(text) {
        let written = write_dotenv(lines.iter().map(|line| (&line.name, line.value.expose())));
        let again = parse_dotenv(&written).expect("what is written is read");
        let pairs = |lines: &[model::variable::EnvLine]| lines.iter().map(|line| (line.name.clone(), line.value.expose().to_owned())).collect::<Vec<_>>();
        assert_eq!(pairs(&again), pairs(&lines));
    }
    let name: EnvName = "NAME".parse().expect("a name");
    let again = parse_dotenv(&write_dotenv([(&name, text)])).expect("any value can be written");
    assert_eq!(again.iter().map(|line| line.value.expose()).collect::<Vec<_>>(), [text]);
}
