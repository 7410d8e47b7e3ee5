use std::fmt;

/// A statement whose parameters are all arrays of texts, of one length.
#[derive(Debug)]
pub struct Statement<'a> {
    /// The SQL.
    pub sql: String,
    /// `$1`, `$2` …, each of type `text[]`.
    pub parameters: Vec<Parameter<'a>>,
}

/// An array of texts, made as it is read.
pub struct Parameter<'a> {
    /// How many elements it has.
    pub length: usize,
    element: Box<dyn Fn(usize) -> Option<&'a str> + Send + Sync + 'a>,
}

impl<'a> Parameter<'a> {
    pub(crate) fn new(
        length: usize,
        element: impl Fn(usize) -> Option<&'a str> + Send + Sync + 'a,
    ) -> Parameter<'a> {
        Parameter { length, element: Box::new(element) }
    }

    /// The elements; `None` is NULL.
    pub fn iter(&self) -> impl Iterator<Item = Option<&'a str>> + '_ {
        (0..self.length).map(|index| (self.element)(index))
    }
}

impl fmt::Debug for Parameter<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[text; {}]", self.length)
    }
}
