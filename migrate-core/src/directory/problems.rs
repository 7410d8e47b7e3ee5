use crate::error::Error;

/// The value; an error is added to the problems that are reported together.
pub(super) fn keep<T>(problems: &mut Vec<Error>, result: Result<T, Error>) -> Option<T> {
    result.map_err(|error| problems.push(error)).ok()
}
