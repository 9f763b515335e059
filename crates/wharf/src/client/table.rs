//! Aligned columns for people.

/// Prints rows under headers, each column as wide as its widest cell.
pub(super) fn print(headers: &[&str], rows: &[Vec<String>]) {
    print!("{}", render(headers, rows));
}

fn render(headers: &[&str], rows: &[Vec<String>]) -> String {
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count());
        cells.chain(std::iter::once(headers[column].chars().count())).max().unwrap_or_default()
    };
    let widths: Vec<usize> = (0..headers.len()).map(width).collect();
    let header: Vec<String> = headers.iter().map(|header| header.to_uppercase()).collect();
    let mut text = String::new();
    for row in std::iter::once(&header).chain(rows) {
        let cells: Vec<String> = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
        text.push_str(cells.join("  ").trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    #[test]
    fn columns_are_aligned_without_trailing_blanks() {
        let rows = [vec!["web".into(), "running".into()], vec!["worker".into(), "exited (1)".into()]];
        assert_eq!(super::render(&["name", "status"], &rows), "NAME    STATUS\nweb     running\nworker  exited (1)\n");
    }
}
