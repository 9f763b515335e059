//! Whether ports are free, and who has those that are not.

use super::{Finding, State, anywhere, finding};
use std::{
    fs,
    net::{SocketAddr, TcpListener},
};

/// A port of the edge, which may have it already.
pub(super) fn of_edge(port: u16, edge_serves: bool) -> Finding {
    if edge_serves { finding(&format!("Port {port}"), State::Ok, "The edge listens on it", None) } else { free(anywhere(port)) }
}

/// Whether an address can be listened on.
pub(super) fn free(address: SocketAddr) -> Finding {
    let port = address.port();
    let what = format!("Port {port}");
    match TcpListener::bind(address) {
        Ok(_) => finding(&what, State::Ok, "It is free", None),
        // The edge runs in a container of its own and may listen where this user may not: who has the port still counts.
        Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied && sockets(port).is_empty() => {
            finding(&what, State::Ok, "Nobody listens on it", None)
        }
        Err(error) if matches!(error.kind(), std::io::ErrorKind::AddrInUse | std::io::ErrorKind::PermissionDenied) => {
            let holder = holder(port).unwrap_or_else(|| "another program".into());
            let fix = format!("ss -ltnp 'sport = :{port}' shows it: stop it, or choose another port (wharf up --help)");
            finding(&what, State::Bad, format!("{holder} has it"), Some(&fix))
        }
        Err(error) => finding(&what, State::Bad, format!("{address} cannot be listened on: {error}"), Some("choose an address of this machine with --listen")),
    }
}

/// The name and number of the program that listens on a port, where this machine tells.
fn holder(port: u16) -> Option<String> {
    let sockets = sockets(port);
    let processes = fs::read_dir("/proc").ok()?.flatten();
    // Beside processes there are other names, and two for ourselves.
    for process in processes.filter(|process| process.file_name().to_string_lossy().parse::<u32>().is_ok()) {
        let files = fs::read_dir(process.path().join("fd")).into_iter().flatten().flatten();
        let mut targets = files.filter_map(|file| fs::read_link(file.path()).ok());
        if targets.any(|target| sockets.iter().any(|socket| target.as_os_str() == socket.as_str())) {
            let name = fs::read_to_string(process.path().join("comm")).ok()?;
            return Some(format!("{} (process {})", name.trim(), process.file_name().to_string_lossy()));
        }
    }
    None
}

/// The sockets that listen on a port.
fn sockets(port: u16) -> Vec<String> {
    let tables = ["/proc/net/tcp", "/proc/net/tcp6"].into_iter().filter_map(|table| fs::read_to_string(table).ok());
    tables.flat_map(|table| table.lines().filter_map(|line| listening(line, port)).collect::<Vec<_>>()).collect()
}

/// The socket of a line of the kernel's table, if it listens on this port.
fn listening(line: &str, port: u16) -> Option<String> {
    const LISTEN: &str = "0A";
    let fields: Vec<_> = line.split_whitespace().collect();
    let (_, local) = fields.get(1)?.rsplit_once(':')?;
    let matches = u16::from_str_radix(local, 16).ok()? == port && *fields.get(3)? == LISTEN;
    matches.then(|| format!("socket:[{}]", fields.get(9).unwrap_or(&"")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_that_somebody_has_is_told_with_who_has_it() {
        let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = taken.local_addr().expect("bound");
        let found = free(address);
        assert_eq!(found.state, State::Bad);
        assert!(found.sentence.contains(&format!("(process {})", std::process::id())), "{}", found.sentence);
        assert!(found.fix.is_some_and(|fix| fix.contains(&address.port().to_string())));
        assert!(sockets(address.port()).len() == 1 && of_edge(address.port(), true).well);
    }
}
