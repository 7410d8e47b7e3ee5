//! The lists of subcommands are private: applications mount a type that clap parses as one of them.

/// Has clap parse `$mounted`, a struct of one field, as the subcommands in that field.
macro_rules! mounts {
    ($mounted:ident, $verb:ident) => {
        impl clap::FromArgMatches for $mounted {
            fn from_arg_matches(matches: &clap::ArgMatches) -> clap::error::Result<$mounted> {
                $verb::from_arg_matches(matches).map($mounted)
            }

            fn update_from_arg_matches(&mut self, matches: &clap::ArgMatches) -> clap::error::Result<()> {
                self.0.update_from_arg_matches(matches)
            }
        }

        impl clap::Subcommand for $mounted {
            fn augment_subcommands(command: clap::Command) -> clap::Command {
                <$verb as clap::Subcommand>::augment_subcommands(command)
            }

            fn augment_subcommands_for_update(command: clap::Command) -> clap::Command {
                <$verb as clap::Subcommand>::augment_subcommands_for_update(command)
            }

            fn has_subcommand(name: &str) -> bool {
                <$verb as clap::Subcommand>::has_subcommand(name)
            }
        }
    };
}

pub(super) use mounts;
