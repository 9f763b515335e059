//! A seeded mutator: the same seeds make the same inputs, and the input that breaks something is shown.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

/// What attackers write into fields, and what parsers stumble over.
const WORDS: [&[u8]; 28] = [
    b"$(id)",
    b"`id`",
    b";id",
    b"&&",
    b"|",
    b"\n",
    b"\r\n",
    b"\0",
    b"'",
    b"\"",
    b"\\",
    "\u{2019}".as_bytes(),
    "\u{202e}".as_bytes(),
    "\u{feff}".as_bytes(),
    b"\xff\xfe",
    b"--upload-pack=id",
    b"ext::sh -c id",
    b"../",
    b"//",
    b"%2e%2e",
    b"{{team.X}}",
    b"${A:-${B}}",
    b"<<EOF",
    b"18446744073709551616",
    b"-1",
    b"[",
    b"{",
    b"=",
];
/// Longest input.
const LENGTH_BYTES: usize = 16 * 1024;

struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit.max(1) as u64) as usize
    }
}

/// Runs a function over the seeds and so many mutations of them.
pub fn mutated(seeds: &[&[u8]], rounds: usize, law: fn(&[u8])) {
    let mut chance = Chance(0x2545_f491_4f6c_dd1d);
    seeds.iter().for_each(|seed| ask(seed, law));
    let mut input = Vec::new();
    for _ in 0..rounds {
        if input.is_empty() || chance.below(8) == 0 {
            input = seeds[chance.below(seeds.len())].to_vec();
        }
        change(&mut input, seeds, &mut chance);
        input.truncate(LENGTH_BYTES);
        ask(&input, law);
    }
    println!("{} inputs", seeds.len() + rounds);
}

fn ask(input: &[u8], law: fn(&[u8])) {
    if let Err(broken) = catch_unwind(AssertUnwindSafe(|| law(input))) {
        eprintln!("broken by {:?}", String::from_utf8_lossy(input));
        resume_unwind(broken);
    }
}

fn change(input: &mut Vec<u8>, seeds: &[&[u8]], chance: &mut Chance) {
    let at = chance.below(input.len() + 1);
    let end = (at + chance.below(32)).min(input.len());
    match chance.below(7) {
        0 if at < input.len() => input[at] ^= 1 << chance.below(8),
        1 if at < input.len() => input[at] = chance.below(256) as u8,
        2 => drop(input.drain(at..end)),
        3 => {
            let copy = input[at..end].to_vec();
            input.splice(at..at, copy);
        }
        4 => {
            let seed = seeds[chance.below(seeds.len())];
            let from = chance.below(seed.len());
            input.splice(at..end, seed[from..].iter().copied());
        }
        _ => drop(input.splice(at..end, WORDS[chance.below(WORDS.len())].iter().copied())),
    }
}
