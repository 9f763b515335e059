//! What a deployment would do, before anybody asks for one: the plan in words. Making it asks the engine and the repository, so it comes after the page.

use crate::{
    App,
    app::fragment,
    component::{
        Tone, card,
        field::capital,
        notice,
        plan::{asked as question, intended},
        skeleton::skeleton,
    },
    error::{Answer, Failure},
    route,
    session::Session,
};
use axum::extract::{Path, State};
use maud::{Markup, html};
use model::{ApplicationId, Phase, Plan, Step};

/// `GET /applications/{id}/plan`: the card alone, asked for once the page is there.
pub async fn show(State(app): State<App>, session: Session, Path(id): Path<String>) -> Answer {
    Ok(fragment(shown(&app, &session, ops::known("application", &id)?).await?))
}

/// The card's place until the plan is made; without script a link makes it.
pub fn asked(id: &ApplicationId) -> Markup {
    let (plan, page) = (route::application_part(id, "plan"), route::application_part(id, "changes?plan=now"));
    html! {
        section .card id="preview" aria-labelledby="preview-title" hx-get=(plan) hx-trigger="load" hx-swap="outerHTML" {
            header { h2 id="preview-title" { "What a deployment would do" } }
            (skeleton(3, "Looking at what is there and making the plan"))
            noscript { p .body { a href=(page) { "Make the plan" } } }
        }
    }
}

/// The plan in words, or why there is none now.
///
/// # Errors
/// Not found where the application is not the caller's.
pub async fn shown(app: &App, session: &Session, id: ApplicationId) -> Result<Markup, Failure> {
    let why = match app.ops.deployment_preview(&session.scope, id).await {
        Ok(plan) => return Ok(words(&plan)),
        Err(error @ ops::Error::NotFound { .. }) => return Err(error.into()),
        Err(ops::Error::Invalid { fields }) => fields.into_iter().map(|(_, why)| why).collect(),
        Err(error) => vec![error.to_string()],
    };
    let said = html! { @for sentence in &why { p .soft { (capital(sentence)) } } };
    Ok(html! { div id="preview" { (notice(Tone::Warn, "There is no plan now", said)) } })
}

fn words(plan: &Plan) -> Markup {
    let lead = html! { span .small.faint { "as things are now; nothing is done yet" } };
    card(
        "preview",
        "What a deployment would do",
        lead,
        html! {
            div .body.stack {
                p { (capital(&plan.summary)) }
                ol .intended {
                    @for (phase, title) in [(Phase::Prepare, "Before visitors notice anything"), (Phase::Cutover, "The switch"), (Phase::Cleanup, "Afterwards")] {
                        @let steps: Vec<&Step> = plan.forward().filter(|(_, of, _)| *of == phase).map(|(.., step)| step).collect();
                        @if !steps.is_empty() {
                            li { h3 { (title) } ul .plan-list.small.soft { @for step in steps { li { (intended(step)) @if let Some(asked) = health(step) { ": " (asked) } } } } }
                        }
                    }
                }
            }
        },
    )
}

fn health(step: &Step) -> Option<String> {
    match step {
        Step::AwaitHealthy { port, check, .. } => Some(question(check, port.map(|port| port.to_string()))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_reads_as_sentences_without_names_that_are_not_given_yet() {
        let plan = Plan {
            summary: "release 3 takes the place of release 2".into(),
            prepare: vec![Step::EnsureNetwork { network: "wharf".into() }],
            cutover: vec![Step::SwitchRoutes { release: None, containers: vec!["shop-abc-1".into()] }],
            cleanup: vec![Step::Drain { containers: vec!["shop-old-1".into()], limit_seconds: 30 }],
            undo: Vec::new(),
        };
        let shown = words(&plan).into_string();
        assert!(shown.contains("Release 3 takes the place of release 2.") && shown.contains("The switch") && shown.contains("Afterwards"), "{shown}");
    }
}
