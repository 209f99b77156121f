//! Prints the lines of files that hold a word, with the name of the file and the number of the line.
//!
//!     search WORD FILE…
//!
//! Ends with 1 if no line does, with 2 if a file cannot be read.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Write};
use std::process::exit;

fn main() -> io::Result<()> {
    let mut args = std::env::args().skip(1);
    let word = match args.next() {
        Some(word) => word.to_lowercase(),
        None => {
            eprintln!("search: give a word, and files");
            exit(2);
        }
    };
    let mut found: HashMap<String, usize> = HashMap::new();
    let mut failed = false;
    let mut out = io::stdout().lock();

    let paths: Vec<String> = args.collect();
    for path in &paths {
        let file = match File::open(path) {
            Ok(file) => file,
            Err(error) => {
                eprintln!("search: {path}: {error}");
                failed = true;
                continue;
            }
        };
        for (index, line) in BufReader::new(file).lines().enumerate() {
            let line = line?;
            if line.to_lowercase().contains(&word) {
                writeln!(out, "{path}:{}: {line}", index + 1)?;
                *found.entry(path.clone()).or_default() += 1;
            }
        }
    }

    for path in &paths {
        if let Some(lines) = found.get(path) {
            writeln!(out, "{lines} in {path}")?;
        }
    }
    out.flush()?;
    exit(if failed { 2 } else { i32::from(found.is_empty()) });
}
