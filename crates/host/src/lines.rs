//! Bytes that arrive in pieces, taken apart into lines of bounded length.

/// Longest line, in bytes; what is longer is handed on in parts.
pub const LINE_LENGTH_BYTES: usize = 16 * 1024;

/// Collects bytes and hands out whole lines: without their end (`\n` or `\r\n`), bytes that are no UTF-8 replaced, long ones in parts. Of a line that
/// overwrites itself with `\r`, as progress bars do, the last state is kept.
#[derive(Debug, Default)]
pub struct LineSplitter {
    pending: Vec<u8>,
}

impl LineSplitter {
    /// One with nothing in it.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes bytes and hands each line that they complete to the sink.
    pub fn push(&mut self, mut bytes: &[u8], mut sink: impl FnMut(&str)) {
        while !bytes.is_empty() {
            let room = LINE_LENGTH_BYTES.saturating_sub(self.pending.len());
            let end = bytes.iter().take(room).position(|byte| *byte == b'\n');
            let taken = end.unwrap_or_else(|| room.min(bytes.len()));
            self.pending.extend_from_slice(&bytes[..taken]);
            bytes = &bytes[taken + usize::from(end.is_some())..];
            if end.is_some() || self.pending.len() >= LINE_LENGTH_BYTES {
                self.emit(&mut sink);
            }
        }
    }

    /// Hands out what is left, if anything is: a last line without an end.
    pub fn finish(&mut self, mut sink: impl FnMut(&str)) {
        if !self.pending.is_empty() {
            self.emit(&mut sink);
        }
    }

    fn emit(&mut self, sink: &mut impl FnMut(&str)) {
        let line = self.pending.strip_suffix(b"\r").unwrap_or(&self.pending);
        let shown = line.rsplit(|byte| *byte == b'\r').next().unwrap_or(line);
        sink(&String::from_utf8_lossy(shown));
        self.pending.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(pieces: &[&[u8]]) -> Vec<String> {
        let (mut splitter, mut lines) = (LineSplitter::new(), Vec::new());
        for piece in pieces {
            splitter.push(piece, |line| lines.push(line.to_owned()));
        }
        splitter.finish(|line| lines.push(line.to_owned()));
        lines
    }

    #[test]
    fn lines_are_whole_however_the_bytes_arrive() {
        assert_eq!(split(&[b"on", b"e\r", b"\ntwo\n\nthr", b"ee"]), ["one", "two", "", "three"]);
        assert_eq!(split(&[b"", b"\n"]), [""]);
        assert_eq!(split(&[b"10%\r50%\r100%\nb\xff"]), ["100%", "b\u{fffd}"]);
    }

    #[test]
    fn a_line_without_end_arrives_in_parts_of_bounded_length() {
        let long = vec![b'x'; LINE_LENGTH_BYTES * 2 + 10];
        let lengths: Vec<_> = split(&[&long]).iter().map(String::len).collect();
        assert_eq!(lengths, [LINE_LENGTH_BYTES, LINE_LENGTH_BYTES, 10]);
    }
}
