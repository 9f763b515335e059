//! Figures with their units, as people read them: `412 MB`, `1 m 31 s`, `38 %`.

/// Bytes in units of 1024, three digits: `0 B`, `9.1 KB`, `412 MB`, `1.5 GB`.
pub fn bytes(bytes: u64) -> String {
    const UNITS: [&str; 5] = ["B", "KB", "MB", "GB", "TB"];
    let mut value = bytes as f64;
    let mut unit = 0;
    while value >= 999.5 && unit + 1 < UNITS.len() {
        value /= 1024.0;
        unit += 1;
    }
    if unit == 0 || value >= 99.95 || value.fract() < 0.05 { format!("{value:.0} {}", UNITS[unit]) } else { format!("{value:.1} {}", UNITS[unit]) }
}

/// A length of time in milliseconds, two units at most: `640 ms`, `1.2 s`, `48 s`, `1 m 31 s`, `3 h 5 m`, `2 d 20 h`.
pub fn duration(milliseconds: i64) -> String {
    let milliseconds = milliseconds.max(0);
    let seconds = milliseconds / 1000;
    match seconds {
        0 => format!("{milliseconds} ms"),
        1..=9 => format!("{:.1} s", milliseconds as f64 / 1000.0),
        10..=59 => format!("{seconds} s"),
        60..=3599 => pair(seconds / 60, "m", seconds % 60, "s"),
        3600..=86_399 => pair(seconds / 3600, "h", seconds % 3600 / 60, "m"),
        _ => pair(seconds / 86_400, "d", seconds % 86_400 / 3600, "h"),
    }
}

fn pair(first: i64, unit: &str, second: i64, lesser: &str) -> String {
    if second == 0 { format!("{first} {unit}") } else { format!("{first} {unit} {second} {lesser}") }
}

/// A count with its noun: `1 release`, `3 releases`.
pub fn count(number: usize, one: &str, many: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{number} {many}") }
}

/// A small number as a word at the head of a sentence: `One`, `Two`, ..., `Twelve`, then digits.
pub fn spelled(number: usize) -> String {
    const WORDS: [&str; 13] = ["No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten", "Eleven", "Twelve"];
    WORDS.get(number).map_or_else(|| number.to_string(), |word| (*word).to_owned())
}

/// A part of a whole as a whole percentage, 0 to 100; 0 of nothing is 0.
pub fn percent(part: f64, whole: f64) -> u8 {
    if whole <= 0.0 { 0 } else { (part / whole * 100.0).round().clamp(0.0, 100.0) as u8 }
}

/// Processors in thousandths: `1.5`.
pub fn processors(thousandths: u32) -> String {
    let text = format!("{:.3}", f64::from(thousandths) / 1000.0);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_carry_three_digits_and_a_unit() {
        let figures = [0, 512, 9_318, 432_013_312, 1_610_612_736, 171_798_691_840].map(bytes);
        assert_eq!(figures, ["0 B", "512 B", "9.1 KB", "412 MB", "1.5 GB", "160 GB"]);
    }

    #[test]
    fn durations_have_two_units_at_most() {
        let lengths = [640, 1_200, 48_000, 60_000, 91_000, 11_100_000, 244_800_000].map(duration);
        assert_eq!(lengths, ["640 ms", "1.2 s", "48 s", "1 m", "1 m 31 s", "3 h 5 m", "2 d 20 h"]);
    }

    #[test]
    fn counts_and_percentages_read_well() {
        assert_eq!([count(1, "release", "releases"), count(3, "release", "releases")], ["1 release", "3 releases"]);
        assert_eq!([percent(1.0, 0.0), percent(1.0, 3.0), percent(5.0, 3.0)], [0, 33, 100]);
        assert_eq!([processors(1500), processors(250), processors(2000)], ["1.5", "0.25", "2"]);
    }
}
