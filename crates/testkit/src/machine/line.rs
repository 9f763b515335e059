//! What lies between a host and everybody else: a line that is good, lossy, slow or unplugged.
//!
//! Netfilter's statistic match and a token bucket do it, which every kernel with an engine has; `netem` is missing from small ones.

/// The host's end of the line.
const LINK: &str = "eth0";
/// What comes in on a slow line leaves through a link of its own first, for only what leaves can be held back.
const INWARD: &str = "inward";
/// How much a slow line takes at once.
const BURST: &str = "8kb";
/// How long it keeps what it cannot pass on yet.
const QUEUE: &str = "1s";

/// A host's line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Line {
    /// Nothing is wrong with it.
    #[default]
    Good,
    /// Loses this many of a hundred packets, each way.
    Lossy(u8),
    /// Passes this many kilobits a second, each way; what has to wait for longer than a second is lost.
    Slow(u32),
    /// Passes nothing, and says so to nobody.
    Unplugged,
}

type Argv = Vec<String>;

impl Line {
    /// What makes a good line into this one, as programs to run on the host.
    pub(super) fn begin(self) -> Vec<Argv> {
        match self {
            Self::Good => Vec::new(),
            Self::Lossy(percent) => losses("-A", percent),
            Self::Slow(kilobits) => slowness(kilobits),
            Self::Unplugged => vec![words(&["ip", "link", "set", LINK, "down"])],
        }
    }

    /// What makes this line a good one again; the gateway is where the host's packets go.
    pub(super) fn end(self, gateway: &str) -> Vec<Argv> {
        match self {
            Self::Good => Vec::new(),
            Self::Lossy(percent) => losses("-D", percent),
            Self::Slow(_) => vec![
                words(&["tc", "qdisc", "del", "dev", LINK, "root"]),
                words(&["tc", "qdisc", "del", "dev", LINK, "ingress"]),
                words(&["ip", "link", "del", INWARD]),
            ],
            // Routes went with the link.
            Self::Unplugged => {
                vec![words(&["ip", "link", "set", LINK, "up"]), words(&["ip", "route", "replace", "default", "via", gateway])]
            }
        }
    }
}

fn losses(change: &str, percent: u8) -> Vec<Argv> {
    let probability = (f32::from(percent) / 100.0).to_string();
    let lose = ["-m", "statistic", "--mode", "random", "--probability", &probability, "-j", "DROP"];
    let rule = |chain: &[&str]| words(&[&["iptables", "-w", "-t", "mangle", change], chain, &lose].concat());
    vec![rule(&["PREROUTING", "-i", LINK]), rule(&["POSTROUTING", "-o", LINK])]
}

fn slowness(kilobits: u32) -> Vec<Argv> {
    let rate = format!("{kilobits}kbit");
    let bucket = |link: &str| words(&["tc", "qdisc", "add", "dev", link, "root", "tbf", "rate", &rate, "burst", BURST, "latency", QUEUE]);
    let everything = ["protocol", "all", "u32", "match", "u32", "0", "0", "action", "mirred", "egress", "redirect", "dev", INWARD];
    vec![
        bucket(LINK),
        words(&["ip", "link", "add", INWARD, "type", "ifb"]),
        words(&["ip", "link", "set", INWARD, "up"]),
        bucket(INWARD),
        words(&["tc", "qdisc", "add", "dev", LINK, "ingress"]),
        words(&[&["tc", "filter", "add", "dev", LINK, "parent", "ffff:"][..], &everything].concat()),
    ]
}

fn words(argv: &[&str]) -> Argv {
    argv.iter().map(|&word| word.to_owned()).collect()
}
