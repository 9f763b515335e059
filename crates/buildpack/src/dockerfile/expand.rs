//! Variables of a Dockerfile put in where their values are known.

use std::collections::BTreeMap;

/// Replaces `$X`, `${X}`, `${X:-default}` and `${X:+other}`; a variable without a value becomes nothing. Quotes are removed.
pub fn expand(text: &str, values: &BTreeMap<String, String>, escape: char) -> String {
    let mut result = String::new();
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\'' | '"' => {}
            _ if character == escape => result.extend(characters.next()),
            '$' if characters.peek() == Some(&'{') => {
                characters.next();
                let inside: String = characters.by_ref().take_while(|c| *c != '}').collect();
                result.push_str(&braced(&inside, values));
            }
            '$' => {
                let mut name = String::new();
                while let Some(next) = characters.next_if(|c| c.is_ascii_alphanumeric() || *c == '_') {
                    name.push(next);
                }
                result.push_str(values.get(&name).map_or("", String::as_str));
            }
            other => result.push(other),
        }
    }
    result
}

fn braced(inside: &str, values: &BTreeMap<String, String>) -> String {
    let known = |name: &str| values.get(name).filter(|value| !value.is_empty()).cloned();
    if let Some((name, default)) = inside.split_once(":-").or_else(|| inside.split_once('-')) {
        return known(name).unwrap_or_else(|| default.to_owned());
    }
    if let Some((name, other)) = inside.split_once(":+").or_else(|| inside.split_once('+')) {
        return known(name).map(|_| other.to_owned()).unwrap_or_default();
    }
    known(inside).unwrap_or_default()
}
