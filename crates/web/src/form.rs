//! What people typed into a form, kept as they typed it: a form that comes back with faults shows it again and nothing is lost.

use axum::{
    body::Bytes,
    extract::{FromRequest, Request},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use std::fmt::Display;

/// A form's fields as text, and what is wrong with them.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Typed {
    fields: Vec<(String, String)>,
    faults: Vec<(String, String)>,
}

impl Typed {
    /// Reads `application/x-www-form-urlencoded`; line ends become plain newlines, as browsers send both.
    pub fn parse(body: &[u8]) -> Self {
        let fields = url::form_urlencoded::parse(body).map(|(name, value)| (name.into_owned(), value.replace("\r\n", "\n"))).collect();
        Self { fields, faults: Vec::new() }
    }

    /// The same with one field set.
    pub fn with(mut self, name: &str, value: impl Display) -> Self {
        self.fields.retain(|(known, _)| known != name);
        self.fields.push((name.to_owned(), value.to_string()));
        self
    }

    /// The value of a field, the last where several have the name; empty where none has.
    pub fn get(&self, name: &str) -> &str {
        self.fields.iter().rev().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }

    /// Every value of that name, in order.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.fields.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Whether the form had the field.
    pub fn has(&self, name: &str) -> bool {
        self.fields.iter().any(|(known, _)| known == name)
    }

    /// Every field as name and value, in order.
    pub fn fields(&self) -> impl Iterator<Item = (&str, &str)> {
        self.fields.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Whether a switch or checkbox is on.
    pub fn on(&self, name: &str) -> bool {
        matches!(self.get(name), "true" | "on" | "1")
    }

    /// What is wrong with a field.
    pub fn fault(&self, name: &str) -> Option<&str> {
        self.faults.iter().find(|(known, _)| known == name).map(|(_, sentence)| sentence.as_str())
    }

    /// Everything that is wrong.
    pub fn faults(&self) -> &[(String, String)] {
        &self.faults
    }

    /// The same with these faults.
    pub fn with_faults<F: Into<String>, S: Into<String>>(mut self, faults: impl IntoIterator<Item = (F, S)>) -> Self {
        self.faults.extend(faults.into_iter().map(|(field, sentence)| (field.into(), sentence.into())));
        self
    }
}

impl<S: Send + Sync> FromRequest<S> for Typed {
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, Response> {
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or("application/x-www-form-urlencoded");
        if !kind.starts_with("application/x-www-form-urlencoded") {
            return Err((StatusCode::UNSUPPORTED_MEDIA_TYPE, "A form is sent as application/x-www-form-urlencoded.").into_response());
        }
        Bytes::from_request(request, state).await.map(|body| Self::parse(&body)).map_err(IntoResponse::into_response)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_of_a_name_wins_and_lines_are_plain() {
        let typed = Typed::parse(b"a=false&a=true&text=one%0D%0Atwo");
        assert!(typed.on("a"));
        assert_eq!(typed.get("text"), "one\ntwo");
        assert!(!typed.has("b"));
    }
}
