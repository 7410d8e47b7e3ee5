use clap::Args;
use embed_migrate_core::{Bundle, Error, ErrorKind, FileName, Kind, Result};

use super::diff::DiffOptions;
use super::new::New;
use crate::output::exit::{EXIT_CODES, Exit};

/// `revision`: Alembic's words for `diff` and `new`.
#[derive(Debug, Clone, Args)]
#[command(after_help = EXIT_CODES)]
pub(crate) struct Revision {
    /// What the patch is for; its letters and digits become the name
    #[arg(short, long, value_name = "TEXT")]
    message: String,
    /// Write the patch as `diff` does; otherwise an empty draft, as `new` does
    #[arg(long)]
    autogenerate: bool,
    /// What is compared, and how it is written.
    #[command(flatten)]
    options: DiffOptions,
}

impl Revision {
    pub(crate) async fn run(&self, bundles: &[&Bundle]) -> Result<Exit> {
        let slug = slug(&self.message)?;
        match self.autogenerate {
            true => self.options.write(&slug, bundles).await,
            false if self.options.compares() => {
                Err(Error::new(ErrorKind::Unsupported, "these options are for `--autogenerate`")
                    .help("add `--autogenerate`, or leave them out: without it, an empty draft is written"))
            }
            false => {
                let (numbering, directory) = self.options.clone().numbered();
                New::draft(slug, Kind::Std, numbering, directory).run(bundles)
            }
        }
    }
}

/// The part of a file's name for a message: `adding-offers` for "Adding offers".
fn slug(message: &str) -> Result<String> {
    let words = message.split(|character: char| !character.is_ascii_alphanumeric());
    let slug = words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join("-").to_lowercase();
    let slug: String = slug.chars().take(80).collect();
    match FileName::is_slug(&slug) {
        true => Ok(slug),
        false => Err(Error::new(ErrorKind::Name, "the message has no letter or digit")
            .help("say what the patch is for: `-m \"Adding offers\"`")),
    }
}
