//! What is known of a machine and its engine, as its page shows it.

use crate::{
    component::{Mark, card, facts, metric::meter, status},
    route, unit,
};
use maud::{Markup, html};
use model::ServerId;
use ops::ServerFacts;

/// How full it is.
pub fn usage(machine: &ServerFacts) -> Markup {
    let (memory_used, disk_used) =
        (machine.memory_total_bytes.saturating_sub(machine.memory_available_bytes), machine.disk_total_bytes.saturating_sub(machine.disk_free_bytes));
    let figure =
        |label: &str, figure: String, of: String, percent: u8| html! { div { dt { (label) } dd { (figure) " " small .small { (of) } (meter(percent)) } } };
    let percent = |part: u64, whole: u64| unit::percent(part as f64, whole as f64);
    html! {
        section .card id="server-usage" aria-label="Usage" {
            dl .usage {
                (figure("Processor", format!("{:.0} %", machine.cpu_percent), format!("of {}", unit::count(machine.cores, "core", "cores")), machine.cpu_percent.clamp(0.0, 100.0) as u8))
                (figure("Memory", unit::bytes(memory_used), format!("of {}", unit::bytes(machine.memory_total_bytes)), percent(memory_used, machine.memory_total_bytes)))
                (figure("Disk", unit::bytes(disk_used), format!("of {}", unit::bytes(machine.disk_total_bytes)), percent(disk_used, machine.disk_total_bytes)))
                (figure("Load", format!("{:.1}", machine.load), "in the last minute".into(), percent((machine.load * 100.0) as u64, machine.cores as u64 * 100)))
            }
        }
    }
}

/// How full it is, in a row of a list.
pub fn load(id: &ServerId, machine: &ServerFacts) -> Markup {
    let part = |part: u64, whole: u64| unit::percent(part as f64, whole as f64);
    let figures = [
        ("CPU", machine.cpu_percent.clamp(0.0, 100.0) as u8),
        ("Memory", part(machine.memory_total_bytes.saturating_sub(machine.memory_available_bytes), machine.memory_total_bytes)),
        ("Disk", part(machine.disk_total_bytes.saturating_sub(machine.disk_free_bytes), machine.disk_total_bytes)),
    ];
    html! {
        dl .load id={ "load-" (id) } { @for (label, percent) in figures { div { dt { (label) } dd { (percent) " %" } (meter(percent)) } } }
    }
}

/// The room for [`load`], filled once the page is there.
pub fn load_asked(id: &ServerId) -> Markup {
    html! { div .load id={ "load-" (id) } hx-get=(route::server_part(id, "load")) hx-trigger="load" hx-swap="outerHTML" {} }
}

/// What it is.
pub fn about(machine: &ServerFacts) -> Markup {
    let content = match &machine.engine {
        Some(engine) => facts(&[
            ("Version", html! { (engine.version) ", API " (engine.api_version) }),
            ("System", html! { (engine.operating_system) ", " (engine.architecture) }),
            ("Containers", html! { (engine.containers_running) " running, ours or not" }),
            ("Storage", html! { (engine.storage_driver) " in " code { (engine.root_directory) } }),
        ]),
        None => html! { div .body { (status(Mark::Unreachable, "Out of reach")) @if let Some((_, why)) = &machine.engine_down { p .small.soft { (why) } } } },
    };
    card("machine", "Engine", html! {}, content)
}
