//! Every contender's binary, with every number of patches.

use std::fs;

use harness::{Cargo, Profile, Result, context, patches};

use crate::contender::{Contender, TOOLS};

/// Builds all of them, and keeps them side by side.
pub(crate) fn build(numbers: &[usize]) -> Result<()> {
    Cargo::fetch()?;
    for contender in [Contender::Bare, Contender::Floor] {
        keep(contender, 0)?;
    }
    for tool in TOOLS {
        for &n in numbers {
            eprintln!("building {} with {n} patches", tool.name());
            patches::write(tool, n, &tool.migrations())?;
            patches::touch(tool)?;
            keep(Contender::Tool(tool), n)?;
        }
    }
    Ok(())
}

fn keep(contender: Contender, n: usize) -> Result<()> {
    let built = Cargo::build(contender.package(), Profile::Release)?;
    let kept = contender.binary(n);
    if let Some(parent) = kept.parent() {
        fs::create_dir_all(parent).map_err(context(parent.display()))?;
    }
    fs::copy(&built.binary, &kept).map_err(context(kept.display()))?;
    Ok(())
}
