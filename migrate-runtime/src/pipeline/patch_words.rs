/// The text around a patch, by which the server finds the patch in its message.
pub(crate) const BODY: &str = "/* migrate: the patch */";

/// Where the text of a patch is.
pub(crate) enum PatchWords<'a> {
    /// In the message itself, between [`BODY`] and [`BODY`].
    Message,
    /// Here.
    Text(&'a str),
}
