use std::fs;

use clap::Args;
use embed_migrate_core::{Bundle, Error, ErrorKind, FileName, Kind, LOCK_FILE, Result};

use crate::directory::label::label;
use crate::directory::lock_file::{lock_file, write_lock_file};
use crate::directory::numbering::{NumberingOptions, PatchNumbers};
use crate::directory::options::DirectoryOptions;
use crate::directory::template::template;
use crate::directory::write;
use crate::output::exit::{EXIT_CODES, Exit};
use crate::output::print;

/// `new`: the next patch's file, as a draft.
#[derive(Debug, Clone, Args)]
#[command(after_help = EXIT_CODES)]
pub(crate) struct New {
    /// A short name for the patch, such as `index-study-title`: letters, digits, `-` and `_`
    #[arg(value_name = "SLUG", allow_hyphen_values = true)]
    slug: String,
    /// How it is applied: std (in one transaction), direct (in one transaction on each node), or concurrent (outside a
    /// transaction)
    #[arg(long, default_value_t = Kind::Std)]
    kind: Kind,
    /// Which version comes next.
    #[command(flatten)]
    numbering: NumberingOptions,
    /// The directories.
    #[command(flatten)]
    directory: DirectoryOptions,
}

impl New {
    /// The draft of that name.
    pub(crate) fn draft(
        slug: String,
        kind: Kind,
        numbering: NumberingOptions,
        directory: DirectoryOptions,
    ) -> New {
        New { slug, kind, numbering, directory }
    }

    pub(crate) fn run(&self, bundles: &[&Bundle]) -> Result<Exit> {
        if !FileName::is_slug(&self.slug) {
            return Err(Error::new(ErrorKind::Name, format!("`{}` can't be part of a file name", self.slug))
                .help("a slug is letters, digits, `-` and `_`, such as `index-study-title`"));
        }
        let directory = self.directory.to_write(bundles)?;
        let mut lock = lock_file(&directory)?;
        let name = PatchNumbers::read(&directory, &lock)?.next(&self.numbering, self.kind, &self.slug)?;
        lock.insert_draft(name.version, name.kind, &name.to_string());
        fs::create_dir_all(&directory).map_err(|error| write::refused(&directory, error))?;
        let path = directory.join(name.to_string());
        write::create(&path, &template(name.version, name.kind, &self.slug))?;
        if let Err(error) = write_lock_file(&directory, &lock) {
            // Without its line it would be half a draft; the error says enough if it stays.
            let _ = fs::remove_file(&path);
            return Err(error);
        }
        print::result(label(&path));
        print::progress(format_args!(
            "patch {} is a draft: write its SQL, then run `cargo migrate lock` and commit both files ({LOCK_FILE})",
            name.version
        ));
        Ok(Exit::Done)
    }
}
