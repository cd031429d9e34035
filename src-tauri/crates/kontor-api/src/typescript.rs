//! The TypeScript of everything that crosses, as one file: `ui/src/generated/api.ts`. It is committed, and the test here
//! fails when it is stale; `make types` writes it anew.

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};

use ts_rs::{Config, TS, TypeVisitor};

use crate::request::Answers;
use crate::{Document, Event, Failure, Request};

const HEAD: &str = "// Made of the types in src-tauri/crates/kontor-api by `make types`. Do not edit.\n\n\
    /** The answer of a request. */\nexport type Answer<R extends Request> = Answers[R[\"type\"]];\n";

/// Declarations by name; one name is one type.
struct Collected {
    config: Config,
    seen: HashSet<std::any::TypeId>,
    types: BTreeMap<String, String>,
}

impl TypeVisitor for Collected {
    fn visit<T: TS + 'static + ?Sized>(&mut self) {
        if T::output_path().is_none() || !self.seen.insert(std::any::TypeId::of::<T>()) {
            return;
        }
        let docs = T::docs().unwrap_or_default();
        let text = format!("\n{docs}export {}\n", T::decl(&self.config));
        let name = T::ident(&self.config);
        if let Some(other) = self.types.insert(name.clone(), text.clone()) {
            assert_eq!(other, text, "two types are called {name}");
        }
        T::visit_dependencies(self);
        T::visit_generics(self);
    }
}

fn generated() -> String {
    let config = Config::new().with_large_int("number");
    let mut collected = Collected { config, seen: HashSet::new(), types: BTreeMap::new() };
    collected.visit::<Request>();
    collected.visit::<Answers>();
    collected.visit::<Document>();
    collected.visit::<Event>();
    collected.visit::<Failure>();
    let types: String = collected.types.into_values().collect();
    format!("{HEAD}{}", tidy(&types))
}

/// One field, one alternative, one short comment a line: the file is read, and merged.
fn tidy(types: &str) -> String {
    let spread = types.replace(", }", ",\n}").replace(" | {", "\n| {");
    let mut lines = spread.lines().map(str::trim);
    let mut tidied = String::with_capacity(spread.len());
    let mut depth: usize = 0;
    while let Some(line) = lines.next() {
        let line = if line == "/**" { comment(&mut lines) } else { line.to_owned() };
        let is_code = !line.starts_with("/**");
        if is_code {
            depth = depth.saturating_sub(usize::from(line.starts_with('}')));
        }
        let indent = if line.is_empty() { 0 } else { 2 * (depth + usize::from(line.starts_with('|'))) };
        tidied.push_str(&" ".repeat(indent));
        tidied.push_str(&line);
        tidied.push('\n');
        if is_code {
            depth += usize::from(line.matches('{').count() > line.matches('}').count());
        }
    }
    tidied
}

fn comment<'a>(lines: &mut impl Iterator<Item = &'a str>) -> String {
    let words: Vec<&str> = lines.take_while(|line| *line != "*/").map(|line| line.trim_start_matches("* ")).collect();
    format!("/** {} */", words.join(" "))
}

fn committed() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../ui/src/generated/api.ts")
}

#[test]
fn committed_typescript_is_current() {
    let generated = generated();
    if std::env::var_os("KONTOR_WRITE_TYPES").is_some() {
        std::fs::create_dir_all(committed().parent().expect("a folder")).expect("a folder for the types");
        std::fs::write(committed(), &generated).expect("the types are written");
    }
    let committed = std::fs::read_to_string(committed()).unwrap_or_default().replace("\r\n", "\n");
    assert!(committed == generated, "ui/src/generated/api.ts is stale: run `make types` and commit it");
}

#[test]
fn whole_numbers_are_numbers() {
    assert!(!generated().contains("bigint"));
}
