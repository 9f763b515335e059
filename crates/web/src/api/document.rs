//! The OpenAPI document: what the handlers say of themselves, completed by what holds for all of them.

use super::door::SCHEME;
use serde_json::{Map, Value, json};
use utoipa::{
    OpenApi,
    openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme},
};

#[derive(OpenApi)]
#[openapi(info(
    title = "Wharf API",
    description = "Everything the dashboard does, over HTTP. Send a token as `Authorization: Bearer <id>|<secret>`.",
    version = "1"
))]
struct Frame;

/// The document without operations.
pub(super) fn frame() -> utoipa::openapi::OpenApi {
    let mut document = Frame::openapi();
    let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some("A token of the team, `<id>|<secret>`.")).build();
    document.components.get_or_insert_with(Default::default).add_security_scheme(SCHEME, SecurityScheme::Http(scheme));
    document
}

/// The document with the refusals that every operation shares.
pub(super) fn completed(document: utoipa::openapi::OpenApi) -> Value {
    let mut document = serde_json::to_value(document).unwrap_or_default();
    for (path, item) in document["paths"].as_object_mut().into_iter().flatten() {
        for (method, operation) in item.as_object_mut().into_iter().flatten().filter(|(_, operation)| operation.is_object()) {
            complete(path, method, operation);
        }
        retire(item);
    }
    document["components"]["responses"] = refusals();
    bodies(&mut document);
    document
}

/// A body takes the fields it knows and no others; one whose fields may all be left out may be left out itself.
fn bodies(document: &mut Value) {
    let mut documented = document["paths"].take();
    let operations = documented.as_object_mut().into_iter().flatten().flat_map(|(_, item)| item.as_object_mut().into_iter().flatten());
    for (_, operation) in operations.filter(|(_, operation)| operation["requestBody"].is_object()) {
        let body = &mut operation["requestBody"];
        let name = body["content"]["application/json"]["schema"]["$ref"].as_str().and_then(|name| name.rsplit('/').next()).map(str::to_owned);
        if let Some(schema) = name.and_then(|name| document["components"]["schemas"].get_mut(name)).filter(|schema| schema["type"] == "object") {
            body["required"] = schema["required"].as_array().is_some_and(|fields| !fields.is_empty()).into();
            schema["additionalProperties"] = false.into();
        }
    }
    document["paths"] = documented;
}

fn complete(path: &str, method: &str, operation: &mut Value) {
    let mut statuses = Vec::new();
    if operation.get("security").is_some() {
        statuses.extend(["401", "403", "429", "503"]);
    }
    if path.contains('{') {
        statuses.push("404");
    }
    if operation.get("requestBody").is_some() {
        // A body may name what is not there.
        statuses.extend(["400", "404", "413", "422"]);
    } else if operation["parameters"].as_array().is_some_and(|all| all.iter().any(|one| one["in"] == "query")) {
        statuses.push("422");
    }
    if matches!(method, "post" | "patch" | "put" | "delete") {
        statuses.push("409");
    }
    statuses.push("500");
    if let Some(responses) = operation["responses"].as_object_mut() {
        for status in statuses {
            responses.entry(status).or_insert_with(|| json!({"$ref": format!("#/components/responses/{status}")}));
        }
    }
}

/// Where an operation answers to GET and to POST, GET is what older clients send.
fn retire(item: &mut Value) {
    let same = item["get"]["operationId"].is_string() && item["get"]["operationId"] == item["post"]["operationId"];
    if same && let Some(get) = item["get"].as_object_mut() {
        let id = get["operationId"].as_str().unwrap_or_default();
        get.insert("operationId".into(), format!("{id}-by-get").into());
        get.insert("deprecated".into(), true.into());
    }
}

fn refusals() -> Value {
    let message = |example: &str| json!({"type": "object", "required": ["message"], "properties": {"message": {"type": "string", "example": example}}});
    let with = |example: &str, name: &str, schema: Value| {
        let mut whole = message(example);
        whole["properties"][name] = schema;
        whole
    };
    let sentences = json!({"type": "object", "additionalProperties": {"type": "array", "items": {"type": "string"}}});
    let conflict = json!({"type": "array", "items": {"type": "object", "properties": {
        "domain": {"type": "string"}, "what": {"type": "string"}, "resource_name": {"type": "string"},
        "resource_uuid": {"type": ["string", "null"]}, "resource_type": {"type": "string"}, "message": {"type": "string"}}}});
    let mut clash = with("app.example.com belongs to web: remove it there or choose another domain", "conflicts", conflict);
    clash["properties"]["warning"] = json!({"type": "string"});
    let all = [
        ("400", "The body cannot be read.", with("Invalid request.", "error", json!({"type": "string", "example": "Invalid JSON."}))),
        ("401", "No token, or one that is wrong or has ended.", message("Unauthenticated.")),
        ("403", "The token lacks the ability, or the API is disabled.", message("Missing required permissions: write")),
        ("404", "There is no such thing, or it is another team's.", message("Application not found.")),
        ("409", "It contradicts what is there; the warning says what to do, where something is named.", clash),
        ("413", "The body is larger than 1 MiB.", message("The body is larger than 1 MiB: send less at once.")),
        ("422", "Fields are not valid.", with("Validation failed.", "errors", sentences)),
        ("429", "Too many requests; Retry-After says when it is worth trying again.", message("Rate limit exceeded. Please try again later.")),
        ("500", "A fault of Wharf itself; its log has the cause.", message("something in Wharf went wrong")),
        ("503", "Something Wharf needs cannot be reached now.", message("the container engine is not available")),
    ];
    let response = |(status, description, schema): (&str, &str, Value)| {
        (status.to_owned(), json!({"description": description, "content": {"application/json": {"schema": schema}}}))
    };
    Value::Object(all.into_iter().map(response).collect::<Map<_, _>>())
}
