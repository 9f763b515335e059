//! Logs: numbered lines with addresses, appended only; search, filters, follow, download; a foot that says live, ended or cut.

use super::{
    ansi::ansi,
    icon::{Icon, icon},
    status::{Mark, status},
};
use crate::time::{attribute, clock, exact, second};
use jiff::Timestamp;
use maud::{Markup, html};

/// A line.
#[derive(Debug, Clone)]
pub struct Line<'a> {
    /// Its number, by which it is found again.
    pub number: i64,
    /// When it was written.
    pub at: Timestamp,
    /// The text, colours included.
    pub text: &'a str,
    /// Whether it came from standard error, or says that something failed.
    pub error: bool,
    /// The step it belongs to.
    pub step: Option<usize>,
    /// The replica it came from.
    pub replica: Option<u16>,
}

/// How times are written.
#[derive(Debug, Clone, Copy)]
pub enum Clock {
    /// Since the deployment began.
    Since(Timestamp),
    /// As the time of day.
    Day,
}

/// What stands around the lines.
#[derive(Debug, Clone)]
pub struct Log<'a> {
    /// The lines and step heads.
    pub lines: Markup,
    /// How many lines there are.
    pub count: usize,
    /// Where all of it is downloaded.
    pub download: &'a str,
    /// Steps to choose from: number and title.
    pub steps: &'a [(usize, String)],
    /// Replicas to choose from.
    pub replicas: &'a [u16],
    /// Standard output and error can be told apart.
    pub streams: bool,
    /// More is coming.
    pub live: bool,
    /// What wrote it failed: its end is what is looked for.
    pub failed: bool,
    /// A sentence beside the count.
    pub note: Markup,
    /// What an empty log says.
    pub nothing: &'a str,
}

/// The log with its tools.
pub fn log(log: &Log) -> Markup {
    html! {
        section .card.log .day[log.streams] id="log" data-log data-several[log.replicas.len() > 1] data-failed[log.failed] aria-labelledby="log-title" {
            div .tools {
                h2 .sr id="log-title" { "Log" }
                label .affix { (icon(Icon::Search)) span .sr { "Search the log" } input .input type="search" placeholder="Search the log" autocomplete="off"; }
                @if !log.streams { (chooser("Step", "data-step-filter", "All steps", log.steps.iter().map(|(number, title)| (number.to_string(), title.clone())))) }
                @if log.replicas.len() > 1 {
                    (chooser("Replica", "data-step-filter", "All replicas", log.replicas.iter().map(|replica| (replica.to_string(), format!("Replica {replica}")))))
                }
                @if log.streams { (chooser("Stream", "data-stream-filter", "Out and err", [("out".into(), "Standard output".into()), ("err".into(), "Standard error".into())].into_iter())) }
                label .check.switch { input type="checkbox" role="switch" data-times checked; "Times" }
                label .check.switch { input type="checkbox" role="switch" data-follow checked[log.live]; "Follow" }
                a .btn.quiet.small.icon-only href=(log.download) download aria-label="Download the log" { (icon(Icon::Download)) }
            }
            div .lines tabindex="0" role="log" aria-live="off" aria-label="Log lines" {
                @if log.count == 0 { p .body.faint data-log-empty { (log.nothing) } }
                ol { (log.lines) }
            }
            footer id="log-foot" {
                (state(log.live, log.failed))
                span data-line-count { (crate::unit::count(log.count, "line", "lines")) }
                (log.note)
            }
        }
    }
}

/// Whether more is coming, and if not, whether it ended well; replaced by the live stream.
pub fn state(live: bool, failed: bool) -> Markup {
    let shown = match (live, failed) {
        (true, _) => status(Mark::Working, "Live"),
        (false, true) => status(Mark::Failed, "Ended"),
        (false, false) => status(Mark::Done, "Ended"),
    };
    html! { span id="log-state" { (shown) } }
}

fn chooser(label: &str, kind: &str, all: &str, options: impl Iterator<Item = (String, String)>) -> Markup {
    let (step, stream) = (kind == "data-step-filter", kind == "data-stream-filter");
    html! {
        span .select-wrap {
            select .select aria-label=(label) data-step-filter[step] data-stream-filter[stream] {
                option value="" { (all) }
                @for (value, words) in options { option value=(value) { (words) } }
            }
            (icon(Icon::Chevron))
        }
    }
}

/// One line.
pub fn line(line: &Line, written: Clock) -> Markup {
    let step = line.step.map(|step| step.to_string()).or_else(|| line.replica.map(|replica| replica.to_string()));
    html! {
        li .err[line.error] id={ "L" (line.number) } data-step=[step] data-stream=(if line.error { "err" } else { "out" }) {
            a href={ "#L" (line.number) } { (line.number) }
            (written_as(line.at, written))
            span { @if let Some(replica) = line.replica { b .replica { (replica) } " " } (ansi(line.text)) }
        }
    }
}

fn written_as(at: Timestamp, written: Clock) -> Markup {
    match written {
        Clock::Since(start) => html! { time datetime=(attribute(at)) title=(exact(at)) { (clock(at.as_second() - start.as_second())) } },
        Clock::Day => second(at),
    }
}

/// The sticky head of a step's lines.
pub fn part(step: usize, title: &str, took: &str) -> Markup {
    html! { li .part id={ "log-" (step) } data-step=(step) { span { (title) } span .faint.push { (took) } } }
}
