//! The manual page: one, with every command and its options.

use clap::Command;
use clap_mangen::Man;
use std::io::{self, Write};

/// Writes the page.
///
/// # Errors
/// It cannot be written.
pub(crate) fn write(mut command: Command, to: &mut dyn Write) -> io::Result<()> {
    // Gives each command its whole name.
    command.build();
    Man::new(command.clone()).render(to)?;
    commands(&command, to)
}

fn commands(command: &Command, to: &mut dyn Write) -> io::Result<()> {
    for below in command.get_subcommands().filter(|below| !below.is_hide_set() && below.get_name() != "help") {
        if below.has_subcommands() {
            commands(below, to)?;
        }
        if !below.has_subcommands() || below.get_arguments().any(|argument| !["help", "version"].contains(&argument.get_id().as_str())) {
            section(below, to)?;
        }
    }
    Ok(())
}

/// One command: a section of its own, with its parts below.
fn section(command: &Command, to: &mut dyn Write) -> io::Result<()> {
    let name = command.get_bin_name().unwrap_or_else(|| command.get_name()).to_uppercase();
    let man = Man::new(command.clone());
    let mut parts = Vec::new();
    man.render_description_section(&mut parts)?;
    man.render_synopsis_section(&mut parts)?;
    man.render_options_section(&mut parts)?;
    let parts = String::from_utf8_lossy(&parts).replace(".SH ", ".SS ");
    write!(to, ".SH \"{name}\"\n{parts}")
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_page_has_every_command_with_its_options() {
        let mut page = Vec::new();
        super::write(crate::arguments::Arguments::command(), &mut page).expect("written");
        let page = String::from_utf8(page).expect("text");
        for expected in [".TH wharf 1", ".SH \"WHARF UP\"", ".SH \"WHARF ENV PUSH\"", ".SH \"WHARF APPS\"", ".SH \"WHARF APPS CREATE\"", "publish", "http"] {
            assert!(page.contains(expected), "{expected} is not in\n{page}");
        }
        assert!(!page.contains("WHARF EDGE"), "what Wharf starts by itself is not for people");
    }
}
