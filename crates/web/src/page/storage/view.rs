//! What survives a container: volumes, files and host paths.

use crate::{
    component::{
        Button, Field, Icon, Question, card, dialog,
        empty::empty,
        field, icon,
        table::{Column, table},
    },
    form::Typed,
    page::settings::view::of,
    route, unit,
};
use maud::{Markup, html};
use model::{ApplicationId, mount::MountKind};
use ops::MountView;

/// The list of mounts.
pub fn list(application: &ApplicationId, mounts: &[MountView], writable: bool) -> Markup {
    if mounts.is_empty() {
        return html! { div .card { (empty(Icon::Disk, "Nothing survives a deployment yet", "A volume keeps what the application writes; a file brings configuration that is not in its image.", html! {})) } };
    }
    let rows = html! { @for mount in mounts { (row(application, mount, writable)) } };
    html! {
        section .card id="mounts" aria-labelledby="mounts-title" {
            header { h2 id="mounts-title" { "Mounts" } span .small.faint { "from the next deployment on" } }
            (table("mount-rows", &[Column::Word("In the container"), Column::Word("What"), Column::Actions], rows))
        }
        @for mount in mounts { (remove(application, mount)) }
    }
}

fn row(application: &ApplicationId, mount: &MountView, writable: bool) -> Markup {
    html! {
        tr id={ "mount-" (mount.id) } {
            td data-wide { code { (mount.path) } }
            td data-wide { (what(application, mount, writable)) }
            td { @if writable { (Button::dialog("Remove ...", &format!("remove-{}", mount.id)).small()) } }
        }
    }
}

fn what(application: &ApplicationId, mount: &MountView, writable: bool) -> Markup {
    match &mount.what {
        MountKind::Volume { name } => html! { span .row { (icon(Icon::Disk)) span { "Volume " b { (name) } } } },
        MountKind::Host { source, read_only } => {
            html! { span .row { (icon(Icon::Server)) span { "Host path " code { (source) } @if *read_only { ", read only" } } } }
        }
        MountKind::File { content, mode } => html! {
            details {
                summary .row { (icon(Icon::File)) span { "File of " (unit::bytes(content.expose().len() as u64)) ", mode " code { (format!("{mode:o}")) } } }
                @if !mount.redacted && writable {
                    form .stack method="post" action=(route::mount(application, &mount.id, "content")) {
                        (field::area(&Field { name: "content", label: "Content", value: content.expose(), prefix: mount.id.as_str(), ..Field::default() }, 10))
                        div { (Button::submit("Save the file").small().working("Saving ...")) }
                    }
                }
            }
        },
    }
}

fn remove(application: &ApplicationId, mount: &MountView) -> Markup {
    let id = format!("remove-{}", mount.id);
    let title = format!("Remove the mount at {}?", mount.path);
    let action = route::mount(application, &mount.id, "remove");
    let question =
        Question { id: &id, title: &title, action: &action, keep: "Keep it", act: "Remove the mount", working: "Removing ...", confirm: None, danger: true };
    let stays = match &mount.what {
        MountKind::Volume { name } => format!("The volume {name} and what is in it stay on the server; the next deployment runs without it."),
        MountKind::File { .. } => "Its content is forgotten; the next deployment runs without it.".into(),
        MountKind::Host { .. } => "The host's path stays as it is; the next deployment runs without it.".into(),
    };
    dialog(&question, html! { p .soft { (stays) } })
}

/// The form that adds one.
pub fn add(application: &ApplicationId, typed: &Typed, owner: bool) -> Markup {
    let mut kinds = vec![("volume".to_owned(), "A volume".to_owned()), ("file".to_owned(), "A file with this content".to_owned())];
    if owner {
        kinds.push(("host".to_owned(), "A path of the host".to_owned()));
    }
    let content = html! {
        form method="post" action=(route::application_part(application, "storage")) {
            div .body.form-grid {
                (field::select(&of(typed, "kind", "Mount", ""), &kinds))
                (field::text(&Field { mono: true, required: true, example: "/data", ..of(typed, "mount_path", "At, in the container", "") }))
                div .all data-when="kind=volume" { (field::text(&Field { mono: true, example: "data", ..of(typed, "name", "Name", "Of the volume, within this application.") })) }
                div .all.form-grid data-when="kind=file" {
                    (field::text(&Field { mono: true, example: "644", ..of(typed, "mode", "Mode", "Permission bits, octal.") }))
                    (field::area(&Field { wide: true, ..of(typed, "content", "Content", "Written into each new container before it starts; sealed in the store.") }, 8))
                }
                @if owner {
                    div .all.form-grid data-when="kind=host" {
                        (field::text(&Field { mono: true, example: "/srv/files", ..of(typed, "host_path", "Path on the host", "What the container does there, it does on the machine itself.") }))
                        (field::switch(&of(typed, "read_only", "Read only", ""), typed.get("read_only") != "false"))
                    }
                }
            }
            footer { (Button::submit("Add the mount").primary().working("Adding ...")) }
        }
    };
    card("add", "Add", html! { @if !owner { span .small.faint { "only an owner may mount a path of the host" } } }, content)
}
