use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};

use serde_json::Value;

/// What rustdoc knows of one crate: its JSON, which has public items only, and none that are `#[doc(hidden)]`.
pub struct Documented {
    value: Value,
    /// The numbers of items by their whole paths.
    ids: HashMap<Vec<String>, String>,
    root: PathBuf,
}

impl Documented {
    /// Reads the JSON of a crate; `root` is the directory that its places in files begin at.
    ///
    /// # Errors
    ///
    /// A file that cannot be read or is no JSON.
    pub fn read(file: &Path, root: &Path) -> io::Result<Self> {
        let value: Value = serde_json::from_slice(&std::fs::read(file)?)?;
        let own = value["paths"].as_object().into_iter().flatten().filter(|(_, path)| path["crate_id"] == 0);
        let ids = own.map(|(id, path)| (strings(&path["path"]), id.clone())).collect();
        Ok(Self { value, ids, root: root.to_owned() })
    }

    /// The crate's root module.
    pub(crate) fn module(&self) -> Option<&Value> {
        self.item(&self.value["root"])
    }

    /// An item of this crate by its number.
    pub(crate) fn item(&self, id: &Value) -> Option<&Value> {
        self.value["index"].get(id.to_string())
    }

    /// The whole path of an item of another crate by its number.
    pub(crate) fn path(&self, id: &Value) -> Vec<String> {
        strings(&self.value["paths"][id.to_string()]["path"])
    }

    /// An item by its whole path.
    pub(crate) fn find(&self, path: &[String]) -> Option<&Value> {
        self.value["index"].get(self.ids.get(path)?)
    }

    /// An item as its file has it, up to its body, on one line.
    pub(crate) fn signature(&self, item: &Value) -> String {
        let text = self.text(&item["span"]).unwrap_or_default();
        let mut depth = 0_i32;
        let end = text.find(|character| {
            depth += i32::from("([".contains(character)) - i32::from(")]".contains(character));
            depth == 0 && "{;".contains(character)
        });
        let text = text.get(..end.unwrap_or(text.len())).unwrap_or_default();
        let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
        line.trim_end_matches(',').replace("( ", "(").replace(", )", ")")
    }

    fn text(&self, span: &Value) -> Option<String> {
        let text = std::fs::read_to_string(self.root.join(span["filename"].as_str()?)).ok()?;
        let number = |value: &Value| value.as_u64().and_then(|number| usize::try_from(number).ok());
        let (first, last) = (number(&span["begin"][0])?, number(&span["end"][0])?);
        let lines: Vec<&str> = text.lines().skip(first - 1).take(last + 1 - first).collect();
        let column = number(&span["begin"][1])?;
        lines.join("\n").get(column - 1..).map(str::to_owned)
    }
}

fn strings(value: &Value) -> Vec<String> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}
