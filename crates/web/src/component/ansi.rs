//! Colours that programs print, as classes: no inline style, and nothing of the text is trusted.

use maud::{Markup, html};

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Look {
    colour: Option<u8>,
    bold: bool,
    faint: bool,
    italic: bool,
    underline: bool,
}

impl Look {
    fn classes(self) -> String {
        let mut classes = Vec::new();
        if let Some(colour) = self.colour {
            classes.push(format!("ansi-{colour}"));
        }
        for (set, name) in [(self.bold, "ansi-bold"), (self.faint, "ansi-faint"), (self.italic, "ansi-italic"), (self.underline, "ansi-underline")] {
            if set {
                classes.push(name.to_owned());
            }
        }
        classes.join(" ")
    }

    fn apply(&mut self, codes: &str) {
        let mut codes = codes.split([';', ':']).map(|code| code.parse::<u16>().unwrap_or(0));
        while let Some(code) = codes.next() {
            match code {
                0 => *self = Self::default(),
                1 => self.bold = true,
                2 => self.faint = true,
                3 => self.italic = true,
                4 => self.underline = true,
                22 => (self.bold, self.faint) = (false, false),
                23 => self.italic = false,
                24 => self.underline = false,
                30..=37 => self.colour = Some((code - 30) as u8),
                39 => self.colour = None,
                90..=97 => self.colour = Some((code - 90 + 8) as u8),
                38 | 48 => {
                    let indexed = (codes.next() == Some(5)).then(|| codes.next()).flatten();
                    if code == 38 {
                        self.colour = indexed.filter(|index| *index < 16).map(|index| index as u8);
                    }
                }
                _ => {}
            }
        }
    }
}

/// A text with its colours and line breaks. Other control sequences and control characters are left out; a carriage return keeps what its line printed last.
pub fn ansi(text: &str) -> Markup {
    let kept: Vec<&str> = text.trim_end_matches(['\n', '\r']).lines().map(|line| line.rsplit_once('\r').map_or(line, |(_, last)| last)).collect();
    let text = kept.join("\n");
    let mut look = Look::default();
    let mut parts: Vec<(Look, String)> = Vec::new();
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\u{1b}' => skip(&mut characters, &mut look),
            '\t' | '\n' => push(&mut parts, look, character),
            character if character.is_control() => {}
            character => push(&mut parts, look, character),
        }
    }
    html! {
        @for (look, text) in &parts {
            @if *look == Look::default() { (text) } @else { span class=(look.classes()) { (text) } }
        }
    }
}

fn push(parts: &mut Vec<(Look, String)>, look: Look, character: char) {
    match parts.last_mut() {
        Some((last, text)) if *last == look => text.push(character),
        _ => parts.push((look, character.to_string())),
    }
}

/// Reads an escape sequence to its end; colours are taken, everything else dropped.
fn skip(characters: &mut std::iter::Peekable<std::str::Chars>, look: &mut Look) {
    match characters.next() {
        Some('[') => {
            let mut codes = String::new();
            for character in characters.by_ref() {
                if ('@'..='~').contains(&character) {
                    if character == 'm' {
                        look.apply(&codes);
                    }
                    return;
                }
                codes.push(character);
            }
        }
        Some(']') => while characters.next().is_some_and(|character| character != '\u{7}' && character != '\u{1b}') {},
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_become_classes_and_text_is_escaped() {
        let line = ansi("\u{1b}[31;1merror\u{1b}[0m: <b> \u{1b}[38;5;2mok\u{1b}[39m\r\n").into_string();
        assert_eq!(line, r#"<span class="ansi-1 ansi-bold">error</span>: &lt;b&gt; <span class="ansi-2">ok</span>"#);
    }

    #[test]
    fn other_sequences_and_control_characters_are_dropped() {
        assert_eq!(ansi("\u{1b}[2K10 %\r\u{1b}]0;title\u{7}20 %\u{8}").into_string(), "20 %");
        assert_eq!(ansi("\u{1b}[").into_string(), "");
    }

    #[test]
    fn a_text_of_several_lines_keeps_them() {
        assert_eq!(ansi("failed\r\n1 %\r2 %\nthe end\n").into_string(), "failed\n2 %\nthe end");
    }
}
