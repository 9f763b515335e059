//! The document as a page that people read.

use super::Api;
use crate::layout;
use axum::{extract::State, response::Html};
use maud::{Markup, html};
use serde_json::Value;
use std::collections::BTreeMap;

/// Where the page is.
pub const PAGE: &str = "/docs/api";

/// An operation with its method and path.
struct Operation<'d> {
    method: String,
    path: &'d str,
    said: &'d Value,
}

/// Shows every operation of the document.
pub(super) async fn page(State(api): State<Api>) -> Html<String> {
    let content = content(&api.document);
    Html(layout::door("API", None, api.ops.now(), true, content).into_string())
}

fn content(document: &Value) -> Markup {
    let mut tags: BTreeMap<&str, Vec<Operation<'_>>> = BTreeMap::new();
    for (path, item) in document["paths"].as_object().into_iter().flatten() {
        for (method, said) in item.as_object().into_iter().flatten() {
            let operation = Operation { method: method.to_uppercase(), path, said };
            tags.entry(said["tags"][0].as_str().unwrap_or_default()).or_default().push(operation);
        }
    }
    html! {
        div .stack {
            h1 { (text(&document["info"]["title"])) }
            p { (text(&document["info"]["description"])) }
            p { a href={ (super::BASE) "/openapi.json" } { "The same as an OpenAPI document" } }
            @for (tag, operations) in &tags {
                h2 { (tag) }
                @for operation in operations { (shown(document, operation)) }
            }
        }
    }
}

fn shown(document: &Value, operation: &Operation<'_>) -> Markup {
    let Operation { method, path, said } = operation;
    let ability = said["security"][0][super::door::SCHEME][0].as_str();
    html! {
        details id=(text(&said["operationId"])) {
            summary { code { (method) " " (path) } " " (text(&said["summary"])) @if said["deprecated"] == true { " (older clients)" } }
            div .stack {
                p { @match ability { Some(ability) => { "Takes a token with the ability " code { (ability) } "." }, None => "Takes no token." } }
                (parameters(said))
                @let body = resolved(document, &said["requestBody"]["content"]["application/json"]["schema"]);
                (fields(document, body))
                (answers(document, said))
            }
        }
    }
}

fn parameters(said: &Value) -> Markup {
    let all: Vec<&Value> = said["parameters"].as_array().into_iter().flatten().collect();
    html! {
        @if !all.is_empty() {
            h3 { "In the address" }
            dl { @for one in all { dt { code { (text(&one["name"])) } @if one["required"] == true { ", required" } } dd { (text(&one["description"])) } } }
        }
    }
}

/// The fields of a body, those of its parts too.
fn fields(document: &Value, schema: &Value) -> Markup {
    let required = |name: &str| schema["required"].as_array().is_some_and(|all| all.iter().any(|one| one == name));
    html! {
        @for part in ["oneOf", "allOf"].iter().flat_map(|part| schema[part].as_array().into_iter().flatten()) { (fields(document, resolved(document, part))) }
        @if let Some(properties) = schema["properties"].as_object() {
            h3 { "In the body" }
            dl {
                @for (name, field) in properties {
                    dt { code { (name) } @if let Some(kind) = kind(field) { ", " (kind) } @if required(name) { ", required" } }
                    dd { (text(&field["description"])) }
                }
            }
        }
    }
}

fn answers(document: &Value, said: &Value) -> Markup {
    html! {
        h3 { "Answers" }
        dl {
            @for (status, answer) in said["responses"].as_object().into_iter().flatten() {
                dt { code { (status) } }
                dd { (text(&resolved(document, answer)["description"])) }
            }
        }
    }
}

fn kind(field: &Value) -> Option<&str> {
    field["type"].as_str().or_else(|| field["type"].as_array()?.iter().filter_map(Value::as_str).find(|kind| *kind != "null"))
}

/// What a reference within the document names.
fn resolved<'d>(document: &'d Value, value: &'d Value) -> &'d Value {
    let pointer = value["$ref"].as_str().and_then(|reference| reference.strip_prefix('#'));
    pointer.and_then(|pointer| document.pointer(pointer)).unwrap_or(value)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
