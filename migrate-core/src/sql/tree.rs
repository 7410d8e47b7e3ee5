use std::ops::Range;

use squawk_parser::SyntaxKind;

/// A statement's nodes and tokens in the order of the text, of all depths; white space and comments left out.
#[derive(Default)]
pub(crate) struct Tree {
    elements: Vec<Element>,
    open: Vec<usize>,
}

struct Element {
    kind: SyntaxKind,
    range: Range<usize>,
    token: bool,
    /// How many elements are below it.
    below: usize,
}

impl Tree {
    /// Begins a statement that is kept.
    pub(super) fn begin(&mut self, kind: SyntaxKind, start: usize) {
        self.open.push(self.elements.len());
        self.elements.push(Element { kind, range: start..start, token: false, below: 0 });
    }

    pub(super) fn enter(&mut self, kind: SyntaxKind, start: usize) {
        if !self.open.is_empty() {
            self.begin(kind, start);
        }
    }

    pub(super) fn token(&mut self, kind: SyntaxKind, range: Range<usize>) {
        if !self.open.is_empty() {
            self.elements.push(Element { kind, range, token: true, below: 0 });
        }
    }

    pub(super) fn exit(&mut self, end: usize) {
        let Some(index) = self.open.pop() else { return };
        let below = self.elements.len() - index - 1;
        if let Some(element) = self.elements.get_mut(index) {
            element.range.end = end;
            element.below = below;
        }
    }

    /// The statement itself; `None` if its kind is not kept.
    pub(crate) fn root<'a>(&'a self, text: &'a str) -> Option<Node<'a>> {
        let (element, below) = self.elements.split_first()?;
        Some(Node { element, below, text })
    }
}

/// A node or token with the elements below it.
#[derive(Clone, Copy)]
pub(crate) struct Node<'a> {
    element: &'a Element,
    below: &'a [Element],
    text: &'a str,
}

impl<'a> Node<'a> {
    pub(crate) fn kind(self) -> SyntaxKind {
        self.element.kind
    }

    pub(crate) fn is_token(self) -> bool {
        self.element.token
    }

    pub(crate) fn start(self) -> usize {
        self.element.range.start
    }

    /// As it is written.
    pub(crate) fn text(self) -> &'a str {
        self.text.get(self.element.range.clone()).unwrap_or_default()
    }

    /// The nodes and tokens directly below.
    pub(crate) fn children(self) -> impl Iterator<Item = Node<'a>> {
        let mut rest = self.below;
        std::iter::from_fn(move || {
            let child = first(rest, self.text)?;
            rest = rest.get(1 + child.below.len()..).unwrap_or_default();
            Some(child)
        })
    }

    /// This node and all below it, in the order of the text.
    pub(crate) fn all(self) -> impl Iterator<Item = Node<'a>> {
        let below = (0..self.below.len()).filter_map(move |index| first(self.below.get(index..)?, self.text));
        std::iter::once(self).chain(below)
    }

    /// The first child of this kind.
    pub(crate) fn child(self, kind: SyntaxKind) -> Option<Node<'a>> {
        self.children().find(|child| child.kind() == kind)
    }

    /// The first of this kind, at any depth.
    pub(crate) fn find(self, kind: SyntaxKind) -> Option<Node<'a>> {
        self.all().find(|node| node.kind() == kind)
    }

    /// Whether an element of this kind is here, at any depth.
    pub(crate) fn has(self, kind: SyntaxKind) -> bool {
        self.find(kind).is_some()
    }
}

fn first<'a>(elements: &'a [Element], text: &'a str) -> Option<Node<'a>> {
    let (element, rest) = elements.split_first()?;
    Some(Node { element, below: rest.get(..element.below).unwrap_or_default(), text })
}
