use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde_json::Value;

use crate::documented::Documented;

/// What users can reach through the facade: a line for each item, and how many of each kind each crate has.
#[derive(Default)]
pub struct Listing {
    lines: BTreeSet<String>,
    counts: BTreeMap<String, Counts>,
}

/// How many items of a crate can be reached.
#[derive(Default)]
struct Counts {
    structs: usize,
    enums: usize,
    functions: usize,
    fields: usize,
}

impl Listing {
    /// Follows the exports of the first crate, through the others, which are found by their names.
    #[must_use]
    pub fn new(facade: &str, crates: &BTreeMap<String, Documented>) -> Self {
        let mut listing = Self::default();
        if let Some((own, module)) = crates.get(facade).and_then(|own| Some((own, own.module()?))) {
            listing.add_module(facade, facade, (facade, own), module, crates);
        }
        listing
    }

    fn add_module(
        &mut self,
        path: &str,
        origin: &str,
        (name, own): (&str, &Documented),
        module: &Value,
        crates: &BTreeMap<String, Documented>,
    ) {
        for id in module["inner"]["module"]["items"].as_array().into_iter().flatten() {
            let Some(item) = own.item(id) else { continue };
            let used = &item["inner"]["use"];
            if used.is_null() {
                self.add(&format!("{path}::{}", text(&item["name"])), origin, (name, own), item, crates);
            } else {
                self.add_used(path, origin, (name, own), used, crates);
            }
        }
    }

    fn add_used(
        &mut self,
        path: &str,
        origin: &str,
        (name, own): (&str, &Documented),
        used: &Value,
        crates: &BTreeMap<String, Documented>,
    ) {
        let local = own.item(&used["id"]).map(|item| (name, own, item));
        let target = local.or_else(|| {
            let target = own.path(&used["id"]);
            let (name, other) = crates.get_key_value(target.first()?)?;
            Some((name, other, other.find(&target).or_else(|| other.module().filter(|_| target.len() == 1))?))
        });
        let Some((name, own, item)) = target else {
            self.lines.insert(format!(
                "pub use {} as {path}::{}",
                text(&used["source"]),
                text(&used["name"])
            ));
            return;
        };
        let origin = if local.is_some() { origin } else { name };
        if used["is_glob"] == true {
            self.add_module(path, origin, (name, own), item, crates);
        } else {
            self.add(&format!("{path}::{}", text(&used["name"])), origin, (name, own), item, crates);
        }
    }

    fn add(
        &mut self,
        path: &str,
        origin: &str,
        (name, own): (&str, &Documented),
        item: &Value,
        crates: &BTreeMap<String, Documented>,
    ) {
        let Some((kind, inner)) = item["inner"].as_object().and_then(|inner| inner.iter().next()) else {
            return;
        };
        if kind == "module" {
            return self.add_module(path, origin, (name, own), item, crates);
        }
        let signature = if kind == "macro" || kind == "proc_macro" {
            format!("{kind} {path}")
        } else {
            own.signature(item)
        };
        if !self.lines.insert(format!("{path}: {signature}")) {
            return;
        }
        let counts = self.counts.entry(origin.to_owned()).or_default();
        match kind.as_str() {
            "struct" => counts.structs += 1,
            "enum" => counts.enums += 1,
            "function" => counts.functions += 1,
            _ => {}
        }
        for id in members(inner) {
            if let Some(member) = own.item(id) {
                self.add_member(path, origin, own, member);
            }
        }
        for implementation in inner["impls"].as_array().into_iter().flatten().filter_map(|id| own.item(id)) {
            self.add_implementation(path, origin, own, &implementation["inner"]["impl"]);
        }
    }

    /// A field, a variant with its fields, or what a trait has.
    fn add_member(&mut self, path: &str, origin: &str, own: &Documented, member: &Value) {
        let path = format!("{path}::{}", text(&member["name"]));
        self.lines.insert(format!("{path}: {}", own.signature(member)));
        let inner = &member["inner"];
        let counts = self.counts.entry(origin.to_owned()).or_default();
        counts.fields += usize::from(!inner["struct_field"].is_null());
        counts.functions += usize::from(!inner["function"].is_null());
        for field in members(&inner["variant"]).into_iter().filter_map(|id| own.item(id)) {
            self.add_member(&path, origin, own, field);
        }
    }

    /// The functions of a type, or that it implements a trait; what the compiler adds by itself is left out.
    fn add_implementation(&mut self, path: &str, origin: &str, own: &Documented, implementation: &Value) {
        let of_trait = &implementation["trait"];
        if implementation["is_synthetic"] == true || !implementation["blanket_impl"].is_null() {
            return;
        }
        if of_trait["path"] == "StructuralPartialEq" {
            return;
        }
        if !of_trait.is_null() {
            let arguments = &of_trait["args"]["angle_bracketed"]["args"];
            let of = arguments
                .as_array()
                .into_iter()
                .flatten()
                .map(|argument| named(&argument["type"]))
                .collect::<Vec<_>>();
            let of = if of.is_empty() { String::new() } else { format!("<{}>", of.join(", ")) };
            self.lines.insert(format!("{path}: impl {}{of}", text(&of_trait["path"])));
            return;
        }
        for item in implementation["items"].as_array().into_iter().flatten().filter_map(|id| own.item(id)) {
            self.add_member(path, origin, own, item);
        }
    }
}

/// What an item contains that has a name of its own.
fn members(inner: &Value) -> Vec<&Value> {
    let kind = &inner["kind"];
    [&inner["variants"], &inner["items"], &kind["plain"]["fields"], &kind["struct"]["fields"], &kind["tuple"]]
        .into_iter()
        .filter_map(Value::as_array)
        .flatten()
        .filter(|id| !id.is_null())
        .collect()
}

/// A type in short: enough to distinguish `From<Version>` from `From<Kind>`.
fn named(of: &Value) -> String {
    let path = &of["resolved_path"]["path"];
    let reference = &of["borrowed_ref"]["type"];
    match (path.as_str(), of["primitive"].as_str().or(of["generic"].as_str())) {
        (Some(name), _) | (None, Some(name)) => name.to_owned(),
        (None, None) if !reference.is_null() => format!("&{}", named(reference)),
        (None, None) => "_".to_owned(),
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

impl fmt::Display for Listing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "# What users can reach through the facade, with all features. Written by `cargo run -p structure`."
        )?;
        for (name, counts) in &self.counts {
            let Counts { structs, enums, functions, fields } = counts;
            writeln!(
                f,
                "# {name}: {structs} structs, {enums} enums, {functions} functions, {fields} fields"
            )?;
        }
        self.lines.iter().try_for_each(|line| writeln!(f, "{line}"))
    }
}
