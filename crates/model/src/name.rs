//! What people call things: names, slugs, e-mail addresses.

use crate::{Invalid, parsed_text};

/// Longest display name, in characters.
pub const NAME_LENGTH_CHARACTERS: usize = 120;
/// Longest slug: what is left of a 63 character DNS label after a suffix.
pub const SLUG_LENGTH_CHARACTERS: usize = 40;

parsed_text!(
    /// A display name: any text on one line, 1 to 120 characters, trimmed.
    Name,
    |text| {
        let text = text.trim();
        if text.is_empty() {
            return Err(Invalid::new("a name is needed"));
        }
        if text.chars().count() > NAME_LENGTH_CHARACTERS {
            return Err(Invalid::new("a name has at most 120 characters"));
        }
        if text.chars().any(char::is_control) {
            return Err(Invalid::new("a name is one line without control characters"));
        }
        Ok(text.to_owned())
    }
);

parsed_text!(
    /// A DNS label: lower-case letters, digits and inner hyphens, at most 40 characters, beginning with a letter.
    Slug,
    |text| {
        let inner = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        let first = text.chars().next().is_some_and(|c| c.is_ascii_lowercase());
        if first && text.len() <= SLUG_LENGTH_CHARACTERS && !text.ends_with('-') && text.chars().all(inner) {
            Ok(text.to_owned())
        } else {
            Err(Invalid::new("a slug has up to 40 lower-case letters, digits and hyphens, begins with a letter and does not end with a hyphen"))
        }
    }
);

impl Slug {
    /// The nearest slug to a name: `My Shop!` becomes `my-shop`. A name without a usable letter becomes `app`.
    pub fn nearest(name: &str) -> Self {
        let mut slug = String::new();
        for character in name.to_lowercase().chars() {
            if character.is_ascii_alphanumeric() {
                slug.push(character);
            } else if !slug.is_empty() && !slug.ends_with('-') {
                slug.push('-');
            }
        }
        let slug = slug.trim_start_matches(|c: char| !c.is_ascii_lowercase());
        let slug: String = slug.chars().take(SLUG_LENGTH_CHARACTERS).collect();
        let slug = slug.trim_end_matches('-');
        Self(if slug.is_empty() { "app".to_owned() } else { slug.to_owned() })
    }
}

parsed_text!(
    /// An e-mail address, lower-cased: one `@`, something before it, a host after it. Whether it exists only a message can tell.
    Email,
    |text| {
        let text = text.trim().to_lowercase();
        let well = text.split_once('@').is_some_and(|(local, host)| {
            !local.is_empty() && !host.is_empty() && !host.contains('@') && !host.starts_with('.') && !host.ends_with('.')
        });
        if well && text.len() <= 254 && !text.chars().any(|c| c.is_whitespace() || c.is_control() || "<>,;\"".contains(c)) {
            Ok(text)
        } else {
            Err(Invalid::new("an e-mail address looks like name@example.com"))
        }
    }
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_trimmed_and_bounded() {
        assert_eq!("  My shop ".parse::<Name>().map(String::from), Ok("My shop".into()));
        assert!("".parse::<Name>().is_err());
        assert!("a\nb".parse::<Name>().is_err());
        assert!("x".repeat(121).parse::<Name>().is_err());
    }

    #[test]
    fn the_nearest_slug_is_always_a_slug() {
        for (name, slug) in [("My Shop!", "my-shop"), ("42 things", "things"), ("日本", "app"), ("a--b", "a-b"), ("x-", "x")] {
            assert_eq!(Slug::nearest(name).as_str(), slug);
            assert!(slug.parse::<Slug>().is_ok());
        }
        assert!(Slug::nearest(&"long name ".repeat(20)).as_str().parse::<Slug>().is_ok());
    }

    #[test]
    fn e_mail_addresses_are_lower_cased_and_loosely_checked() {
        assert_eq!(" Ada@Example.COM ".parse::<Email>().map(String::from), Ok("ada@example.com".into()));
        for bad in ["", "ada", "@x", "a@", "a b@x.y", "a@b@c", "a@.x"] {
            assert!(bad.parse::<Email>().is_err(), "{bad}");
        }
    }
}
