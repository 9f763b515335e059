//! Times as people read them: relative up to seven days, exact in `title` and `datetime`. The page's script keeps them current in the viewer's zone.

use jiff::{Timestamp, tz::TimeZone};
use maud::{Markup, html};

const MINUTE: i64 = 60;
const HOUR: i64 = 3600;
const DAY: i64 = 86_400;

/// How long ago in one unit: `now`, `4 min`, `3 h`, `2 d`, then the date.
pub fn age(at: Timestamp, now: Timestamp) -> String {
    let seconds = (now.as_second() - at.as_second()).max(0);
    match seconds {
        ..45 => "now".into(),
        45..HOUR => format!("{} min", (seconds / MINUTE).max(1)),
        HOUR..DAY => format!("{} h", seconds / HOUR),
        _ if seconds < 7 * DAY => format!("{} d", seconds / DAY),
        _ => at.to_zoned(TimeZone::UTC).strftime("%-d %b %Y").to_string(),
    }
}

/// A point in time as it is written in full.
pub fn exact(at: Timestamp) -> String {
    at.to_zoned(TimeZone::UTC).strftime("%-d %b %Y, %H:%M:%S UTC").to_string()
}

/// A point in time for `datetime`, to the second: finer is noise that no page shows.
pub fn attribute(at: Timestamp) -> String {
    format!("{at:.0}")
}

/// A point in time by the hour of its day, for sentences about today. The page's script says it in the viewer's zone.
pub fn hour(at: Timestamp) -> Markup {
    html! { time datetime=(attribute(at)) title=(exact(at)) data-clock="minute" { (at.to_zoned(TimeZone::UTC).strftime("%H:%M UTC").to_string()) } }
}

/// A point in time by its day. The page's script says it in the viewer's zone.
pub fn day(at: Timestamp) -> Markup {
    html! { time datetime=(attribute(at)) title=(exact(at)) data-clock="day" { (at.to_zoned(TimeZone::UTC).strftime("%-d %b %Y").to_string()) } }
}

/// A point in time by the second of its day, as a column of a log. The page's script says it in the viewer's zone.
pub fn second(at: Timestamp) -> Markup {
    html! { time datetime=(attribute(at)) title=(exact(at)) data-clock="second" { (at.to_zoned(TimeZone::UTC).strftime("%H:%M:%S").to_string()) } }
}

/// What a page without script says beside times that are not in the viewer's zone.
pub fn zone_note() -> Markup {
    html! { noscript { span .faint { "times in UTC" } } }
}

/// How long ago, kept current by the page's script.
pub fn relative(at: Timestamp, now: Timestamp) -> Markup {
    html! { time .small.faint datetime=(attribute(at)) title=(exact(at)) data-relative { (age(at, now)) } }
}

/// The same within a sentence: `just now`, `4 min ago`, and no look of a column.
pub fn inline(at: Timestamp, now: Timestamp) -> Markup {
    html! { time datetime=(attribute(at)) title=(exact(at)) data-relative="ago" { (ago(at, now)) } }
}

fn ago(at: Timestamp, now: Timestamp) -> String {
    match age(at, now) {
        age if age == "now" => "just now".into(),
        age if now.as_second() - at.as_second() < 7 * DAY => format!("{age} ago"),
        date => date,
    }
}

/// Minutes and seconds since then: `1:06`, ticking.
pub fn ticking(since: Timestamp, now: Timestamp) -> Markup {
    html! { time .num datetime=(attribute(since)) title=(exact(since)) data-since { (clock(now.as_second() - since.as_second())) } }
}

/// Seconds as a clock: `0:12`, `1:06`, `1:02:03`.
pub fn clock(seconds: i64) -> String {
    let seconds = seconds.max(0);
    let (hours, minutes, rest) = (seconds / HOUR, seconds % HOUR / MINUTE, seconds % MINUTE);
    if hours > 0 { format!("{hours}:{minutes:02}:{rest:02}") } else { format!("{minutes}:{rest:02}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(seconds: i64) -> String {
        age(Timestamp::UNIX_EPOCH, Timestamp::new(seconds, 0).expect("in range"))
    }

    #[test]
    fn ages_are_relative_for_seven_days() {
        let ages = [0, 44, 59, 61, 7_300, 200_000, 604_800].map(after);
        assert_eq!(ages, ["now", "now", "1 min", "1 min", "2 h", "2 d", "1 Jan 1970"]);
    }

    #[test]
    fn a_sentence_says_how_long_ago() {
        let said = [3, 300, 604_800].map(|seconds| super::ago(Timestamp::UNIX_EPOCH, Timestamp::new(seconds, 0).expect("in range")));
        assert_eq!(said, ["just now", "5 min ago", "1 Jan 1970"]);
    }

    #[test]
    fn a_time_carries_its_exact_value() {
        let now = Timestamp::new(300, 0).expect("in range");
        let markup = relative(Timestamp::new(0, 123_456_789).expect("in range"), now).into_string();
        assert_eq!(markup, r#"<time class="small faint" datetime="1970-01-01T00:00:00Z" title="1 Jan 1970, 00:00:00 UTC" data-relative>5 min</time>"#);
        assert_eq!([clock(6), clock(66), clock(3723)], ["0:06", "1:06", "1:02:03"]);
    }
}
