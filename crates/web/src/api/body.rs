//! What comes in: JSON bodies and queries, read field by field so that every fault is told at its field and none is an error of ours.

use super::refusal::Refusal;
use axum::{
    body::Bytes,
    extract::{FromRequest, FromRequestParts, Request},
    http::{HeaderMap, StatusCode, header, request::Parts},
};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// Fields that a struct is read from.
pub(crate) trait Fields: Sized {
    /// Reads them. None where a fault was noted.
    fn read(fields: &mut Reader) -> Option<Self>;
}

/// A value that a field may have.
pub(crate) trait FieldValue: Sized {
    /// Reads it; absent and null are the same. The fault completes "The name field ...".
    fn read(value: Option<Value>) -> Result<Self, &'static str>;
}

impl FieldValue for String {
    fn read(value: Option<Value>) -> Result<Self, &'static str> {
        match value {
            None | Some(Value::Null) => Err("is required."),
            Some(Value::String(text)) => Ok(text),
            Some(_) => Err("must be a string."),
        }
    }
}

impl FieldValue for bool {
    fn read(value: Option<Value>) -> Result<Self, &'static str> {
        match value {
            None | Some(Value::Null) => Err("is required."),
            Some(Value::Bool(flag)) => Ok(flag),
            Some(Value::String(text)) if ["true", "1"].contains(&text.as_str()) => Ok(true),
            Some(Value::String(text)) if ["false", "0"].contains(&text.as_str()) => Ok(false),
            Some(Value::Number(number)) if number.as_u64().is_some_and(|number| number < 2) => Ok(number.as_u64() == Some(1)),
            Some(_) => Err("must be true or false."),
        }
    }
}

impl FieldValue for i64 {
    fn read(value: Option<Value>) -> Result<Self, &'static str> {
        let number = match value {
            None | Some(Value::Null) => return Err("is required."),
            Some(Value::Number(number)) => number.as_i64(),
            Some(Value::String(text)) => text.parse().ok(),
            Some(_) => None,
        };
        number.ok_or("must be an integer.")
    }
}

impl FieldValue for Value {
    fn read(value: Option<Value>) -> Result<Self, &'static str> {
        value.ok_or("is required.")
    }
}

impl<T: FieldValue> FieldValue for Option<T> {
    fn read(value: Option<Value>) -> Result<Self, &'static str> {
        match value {
            None | Some(Value::Null) => Ok(None),
            some => T::read(some).map(Some),
        }
    }
}

impl<T: FieldValue> FieldValue for Vec<T> {
    fn read(value: Option<Value>) -> Result<Self, &'static str> {
        match value {
            None | Some(Value::Null) => Err("is required."),
            Some(Value::Array(members)) => {
                members.into_iter().map(|member| T::read(Some(member))).collect::<Result<_, _>>().map_err(|_| "must be an array of strings.")
            }
            Some(_) => Err("must be an array."),
        }
    }
}

/// The fields of one object and what is wrong with them.
#[derive(Debug)]
pub(crate) struct Reader {
    fields: Map<String, Value>,
    faults: Vec<(String, String)>,
    prefix: String,
}

impl Reader {
    /// A reader of these fields.
    pub(crate) fn new(fields: Map<String, Value>) -> Self {
        Self { fields, faults: Vec::new(), prefix: String::new() }
    }

    /// The value of a field, taken out. A name that is a word of Rust may come in its raw form.
    pub(crate) fn take<T: FieldValue>(&mut self, name: &str) -> Option<T> {
        let name = name.trim_start_matches("r#");
        let read = T::read(self.fields.remove(name));
        read.map_err(|fault| self.fault(name, format!("The {} field {fault}", name.replace('_', " ")))).ok()
    }

    /// Notes a fault.
    pub(crate) fn fault(&mut self, name: &str, sentence: impl Into<String>) {
        self.faults.push((format!("{}{name}", self.prefix), sentence.into()));
    }

    /// What is left, taken out: fields that nobody asked for.
    pub(crate) fn rest(&mut self) -> Map<String, Value> {
        std::mem::take(&mut self.fields)
    }

    /// Refuses what is left.
    fn refuse_rest(&mut self) {
        for name in self.rest().keys() {
            self.fault(name, "This field is not allowed.");
        }
    }

    /// Objects of an array field, each read like a body; faults are told as `data.0.key`.
    pub(crate) fn each<T: Fields>(&mut self, name: &str) -> Option<Vec<T>> {
        let members: Vec<Value> = self.take(name)?;
        let mut read = Vec::new();
        for (at, member) in members.into_iter().enumerate() {
            let Value::Object(fields) = member else {
                self.fault(&format!("{name}.{at}"), format!("The {name}.{at} field must be an object."));
                continue;
            };
            let mut inner = Self { fields, faults: Vec::new(), prefix: format!("{}{name}.{at}.", self.prefix) };
            read.extend(T::read(&mut inner));
            inner.refuse_rest();
            self.faults.append(&mut inner.faults);
        }
        Some(read)
    }

    /// What was read, unless a fault was noted.
    pub(crate) fn give<T>(self, value: Option<T>) -> Result<T, Refusal> {
        match value {
            Some(value) if self.faults.is_empty() => Ok(value),
            _ => Err(Refusal::invalid(self.faults)),
        }
    }

    /// A whole struct; fields it does not have are refused.
    pub(crate) fn whole<T: Fields>(mut self) -> Result<T, Refusal> {
        let value = T::read(&mut self);
        self.refuse_rest();
        self.give(value)
    }
}

/// Declares a JSON body: a struct with its documentation and how it is read.
macro_rules! body {
    ($(#[$meta:meta])* $name:ident { $($(#[$field_meta:meta])* $field:ident: $kind:ty),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(utoipa::ToSchema)]
        #[allow(dead_code, reason = "some fields are taken and change nothing")]
        pub(crate) struct $name { $($(#[$field_meta])* pub(crate) $field: $kind,)+ }
        $crate::api::body::fields!($name { $($field: $kind),+ });
    };
}

/// Declares a query: a struct with its documentation and how it is read.
macro_rules! query {
    ($(#[$meta:meta])* $name:ident { $($(#[$field_meta:meta])* $field:ident: $kind:ty),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(utoipa::IntoParams)]
        #[into_params(parameter_in = Query)]
        #[allow(dead_code, reason = "some fields are taken and change nothing, or stand here for the document only")]
        pub(crate) struct $name { $($(#[$field_meta])* pub(crate) $field: $kind,)+ }
        $crate::api::body::fields!($name { $($field: $kind),+ });
    };
}

/// How a struct is read.
macro_rules! fields {
    ($name:ident { $($field:ident: $kind:ty),+ }) => {
        impl $crate::api::body::Fields for $name {
            fn read(fields: &mut $crate::api::body::Reader) -> Option<Self> {
                $(let $field = fields.take::<$kind>(stringify!($field));)+
                Some(Self { $($field: $field?),+ })
            }
        }
    };
}

pub(crate) use {body, fields, query};

/// The raw bytes of a body within the limit.
async fn bytes<S: Send + Sync>(request: Request, state: &S) -> Result<Bytes, Refusal> {
    Bytes::from_request(request, state).await.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, "The body is larger than 1 MiB: send less at once."),
        _ => Refusal::unreadable("The body could not be read."),
    })
}

/// Whether the body is said to be JSON: `application/json`, or a type of its kind such as `application/merge-patch+json`.
fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    kind.ends_with("/json") || kind.ends_with("+json")
}

/// A JSON object, whatever its fields; an empty body is an empty object.
pub(crate) struct Object(pub(crate) Map<String, Value>);

impl<S: Send + Sync> FromRequest<S> for Object {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refusal> {
        let is_json = is_json(request.headers());
        let bytes = bytes(request, state).await?;
        if bytes.iter().all(u8::is_ascii_whitespace) {
            return Ok(Self(Map::new()));
        }
        if !is_json {
            return Err(Refusal::unreadable("Content-Type must be application/json."));
        }
        match serde_json::from_slice(&bytes) {
            Ok(Value::Object(fields)) => Ok(Self(fields)),
            Ok(Value::Array(empty)) if empty.is_empty() => Ok(Self(Map::new())),
            Ok(_) => Err(Refusal::unreadable("The body must be a JSON object.")),
            Err(_) => Err(Refusal::unreadable("Invalid JSON.")),
        }
    }
}

/// A JSON body with exactly these fields.
pub(crate) struct Body<T>(pub(crate) T);

impl<S: Send + Sync, T: Fields> FromRequest<S> for Body<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refusal> {
        let Object(fields) = Object::from_request(request, state).await?;
        Reader::new(fields).whole().map(Self)
    }
}

/// The pairs of a query as fields; the last of a name counts.
pub(crate) fn pairs(query: Option<&str>) -> Map<String, Value> {
    url::form_urlencoded::parse(query.unwrap_or_default().as_bytes()).map(|(name, value)| (name.into_owned(), Value::String(value.into_owned()))).collect()
}

/// A query; what it does not know is not looked at.
pub(crate) struct Query<T>(pub(crate) T);

impl<S: Send + Sync, T: Fields> FromRequestParts<S> for Query<T> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        let mut fields = pairs(parts.uri.query());
        fields.retain(|_, value| value != "");
        let mut reader = Reader::new(fields);
        let value = T::read(&mut reader);
        reader.give(value).map(Self)
    }
}

/// What stands in the path. What cannot be read names nothing.
pub(crate) struct Path<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Path<T> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        let read = axum::extract::Path::from_request_parts(parts, state).await;
        read.map(|axum::extract::Path(value)| Self(value)).map_err(|_| Refusal::not_found("resource"))
    }
}
