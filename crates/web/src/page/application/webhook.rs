//! Webhooks: what deploys without a person?

use super::{head, view};
use crate::{
    App,
    app::form_status,
    component::{Button, Field, Icon, Question, card, copy_code, dialog, field, icon},
    error::{Answer, Failure},
    form::Typed,
    route,
    session::{self, Session},
};
use axum::extract::{Path, State};
use maud::{Markup, html};
use model::{ApplicationId, Secret, Source};

/// A git host that may tell of pushes.
struct Forge<'a> {
    word: &'static str,
    name: &'static str,
    /// What names of its hosts hold, to open the one that the repository is at.
    hosts: &'static [&'static str],
    secret: Option<&'a Secret>,
}

/// `GET /applications/{id}/webhooks`.
pub async fn show(State(app): State<App>, session: Session, Path(id): Path<String>) -> Answer {
    let id: ApplicationId = ops::known("application", &id)?;
    page(&app, &session, id, &Typed::default()).await
}

/// `POST /applications/{id}/webhooks`: sets a forge's secret, or renews the deploy hook.
pub async fn set(State(app): State<App>, session: Session, Path(id): Path<String>, typed: Typed) -> Answer {
    let id: ApplicationId = ops::known("application", &id)?;
    let set = app.ops.hook_set(&session.scope, id.clone(), typed.get("forge"), Secret::new(typed.get("secret"))).await;
    match set {
        Ok(()) => Ok(session::done(&route::application_part(&id, "webhooks"), "Saved")),
        Err(error) => {
            let forge = typed.get("forge").to_owned();
            let faults = Failure(error).faults()?.into_iter().map(|(_, why)| (forge.clone(), why)).collect::<Vec<_>>();
            page(&app, &session, id, &typed.with_faults(faults)).await
        }
    }
}

async fn page(app: &App, session: &Session, id: ApplicationId, typed: &Typed) -> Answer {
    let (head, hooks) = (head(app, session, id.clone()).await?, app.ops.hooks_show(&session.scope, id.clone()).await?);
    let public = &app.ops.options().public_url;
    let forges = [
        Forge { word: "github", name: "GitHub", hosts: &["github"], secret: hooks.github.as_ref() },
        Forge { word: "gitlab", name: "GitLab", hosts: &["gitlab"], secret: hooks.gitlab.as_ref() },
        Forge { word: "gitea", name: "Gitea and Forgejo", hosts: &["gitea", "forgejo", "codeberg"], secret: hooks.gitea.as_ref() },
        Forge { word: "bitbucket", name: "Bitbucket", hosts: &["bitbucket"], secret: hooks.bitbucket.as_ref() },
    ];
    let about = view::page(&head, "Webhooks", None);
    let content = html! {
        (deploy_hook(&id, &format!("{public}/webhooks/deploy/{}", hooks.deploy.expose())))
        @if let Source::Git(git) = &head.application().settings.source {
            p .section-lead { "A git host tells Wharf of pushes at its own address, signed with a secret that both know. Set up the one the repository is at; the others refuse or wait." }
            @let host = git.url.host().unwrap_or_default();
            @for forge in &forges {
                (webhook(&format!("{public}/webhooks/{}/{id}", forge.word), forge, forge.hosts.iter().any(|part| host.contains(part)), typed))
            }
        } @else { p .soft { "Pushes deploy applications that come from a git repository." } }
    };
    app.page_with(form_status(typed), session, &about, view::frame(&head, "Webhooks", content)).await
}

fn deploy_hook(id: &ApplicationId, address: &str) -> Markup {
    let action = route::application_part(id, "webhooks");
    let question = Question {
        id: "renew",
        title: "Renew the address of the deploy hook?",
        action: &action,
        keep: "Keep the address",
        act: "Renew the address",
        working: "Renewing ...",
        confirm: None,
        danger: true,
    };
    html! {
        (card("deploy-hook", "Deploy hook", html! { span .small.faint { "whoever knows it may deploy" } }, html! {
            div .body.stack {
                p .small.soft { "A POST to this address deploys. It takes no token, so keep it secret." }
                details { summary .row { (icon(Icon::Eye)) "Show the address" } p { (copy_code(address, "the address")) } }
            }
            footer { (Button::dialog("Renew the address ...", "renew").small()) }
        }))
        (dialog(&question, html! {
            p .soft { "The old address stops working at once: whatever calls it must be given the new one." }
            input type="hidden" name="forge" value="deploy";
        }))
    }
}

fn webhook(address: &str, forge: &Forge, at: bool, typed: &Typed) -> Markup {
    let fault = typed.fault(forge.word);
    html! {
        details .card.fold id={ "hook-" (forge.word) } open[at || fault.is_some()] {
            summary { (icon(Icon::Chevron)) h2 { (forge.name) } span .small.faint { @if forge.secret.is_some() { "signed pushes deploy" } @else { "refused: no secret" } } }
            div .body.stack {
                dl .facts-list {
                    div { dt { "Address" } dd { (copy_code(address, "the address")) } }
                    @if let Some(secret) = forge.secret {
                        div { dt { "Secret" } dd { details { summary .row { (icon(Icon::Eye)) "Show the secret" } (copy_code(secret.expose(), "the secret")) } } }
                    }
                    div { dt { "Send" } dd .small.soft { "push events, as JSON" } }
                }
                form .inline-form method="post" {
                    input type="hidden" name="forge" value=(forge.word);
                    (field::text(&Field { name: "secret", label: "New secret", kind: "password", prefix: forge.word, error: fault, hint: "Empty refuses pushes from here.", autocomplete: Some("new-password"), ..Field::default() }))
                    (Button::submit("Set").working("Setting ..."))
                }
            }
        }
    }
}
