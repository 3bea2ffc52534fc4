//! A document while it is laid out: pages of shapes, and a tree that says what they are. Points from the upper left corner.

use crate::Paper;
use crate::fonts::Faces;

/// The white edge around a page.
pub(crate) const EDGE: f32 = 48.0;
/// The size of running text.
pub(crate) const TEXT: f32 = 9.5;
/// The size of what is said beside.
pub(crate) const SMALL: f32 = 8.0;

/// A colour: red, green, blue.
pub(crate) type Ink = [u8; 3];
/// Text.
pub(crate) const BLACK: Ink = [20, 24, 28];
/// What is said beside; 4.5:1 on white.
pub(crate) const GREY: Ink = [85, 92, 99];
/// Rules.
pub(crate) const RULE: Ink = [190, 196, 202];

/// A place in the tree.
pub(crate) type NodeId = usize;

/// What a part of the document is.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Role {
    Section,
    Heading(u16, String),
    Paragraph,
    Table(String),
    /// A picture and what it shows, in words.
    Figure(String),
    Head,
    Body,
    Row,
    ColumnHead,
    RowHead,
    Cell,
}

/// What is under a node, in reading order.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Child {
    Node(NodeId),
    Piece { page: usize, piece: usize },
}

/// A part of the document.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) role: Role,
    pub(crate) children: Vec<Child>,
}

/// Something drawn.
#[derive(Clone, Debug)]
pub(crate) enum Shape {
    /// A line of text from its baseline's start.
    Text { x: f32, y: f32, size: f32, bold: bool, ink: Ink, text: String },
    /// A filled rectangle: its upper left corner, its width and height.
    Bar { corner: (f32, f32), size: (f32, f32), ink: Ink },
    /// A rule.
    Line { from: (f32, f32), to: (f32, f32), ink: Ink, dashed: bool },
}

/// Shapes that belong to one node, or are no content at all.
#[derive(Debug)]
pub(crate) struct Piece {
    pub(crate) content: bool,
    /// What the text really is, where letters of it cannot be drawn.
    pub(crate) actual: Option<String>,
    pub(crate) shapes: Vec<Shape>,
}

/// How text is set.
#[derive(Clone, Copy)]
pub(crate) struct Style {
    pub(crate) size: f32,
    pub(crate) bold: bool,
    pub(crate) ink: Ink,
    pub(crate) right: bool,
}

impl Style {
    pub(crate) const PLAIN: Self = Self { size: TEXT, bold: false, ink: BLACK, right: false };
    pub(crate) const BOLD: Self = Self { bold: true, ..Self::PLAIN };
    pub(crate) const BESIDE: Self = Self { size: SMALL, ink: GREY, ..Self::PLAIN };

    pub(crate) const fn sized(self, size: f32) -> Self {
        Self { size, ..self }
    }

    pub(crate) const fn to_the_right(self) -> Self {
        Self { right: true, ..self }
    }

    /// From baseline to baseline.
    pub(crate) fn leading(self) -> f32 {
        self.size * 1.36
    }
}

/// The document.
pub(crate) struct Sheet {
    pub(crate) paper: Paper,
    pub(crate) faces: Faces,
    pub(crate) pages: Vec<Vec<Piece>>,
    pub(crate) nodes: Vec<Node>,
    /// The nodes that are under nothing, in reading order.
    pub(crate) roots: Vec<NodeId>,
    open: Vec<NodeId>,
    /// Where the next line goes.
    pub(crate) y: f32,
    /// What the first page keeps free at its foot.
    kept: f32,
}

impl Sheet {
    pub(crate) fn new(paper: Paper, kept: f32) -> Self {
        Self {
            paper,
            faces: Faces::new(),
            pages: vec![Vec::new()],
            nodes: Vec::new(),
            roots: Vec::new(),
            open: Vec::new(),
            y: EDGE,
            kept,
        }
    }

    /// From the left edge to the right one.
    pub(crate) fn width(&self) -> f32 {
        self.paper.points().0 - 2.0 * EDGE
    }

    fn bottom(&self) -> f32 {
        let kept = if self.pages.len() == 1 { self.kept } else { 0.0 };
        self.paper.points().1 - EDGE - 14.0 - kept
    }

    /// Begins a new page where less than `height` is left. Answers whether it did.
    pub(crate) fn need(&mut self, height: f32) -> bool {
        let full = self.y + height > self.bottom();
        if full {
            self.pages.push(Vec::new());
            self.y = EDGE;
        }
        full
    }

    /// Leaves some room.
    pub(crate) fn gap(&mut self, height: f32) {
        self.y += height;
    }

    /// Everything that `inside` draws is under one node.
    pub(crate) fn under<T>(&mut self, role: Role, inside: impl FnOnce(&mut Self) -> T) -> T {
        let id = self.nodes.len();
        self.nodes.push(Node { role, children: Vec::new() });
        match self.open.last() {
            Some(parent) => self.nodes[*parent].children.push(Child::Node(id)),
            None => self.roots.push(id),
        }
        self.open.push(id);
        let out = inside(self);
        self.open.pop();
        out
    }

    /// Shapes that are content, under the open node.
    pub(crate) fn picture(&mut self, shapes: Vec<Shape>) {
        self.content(None, shapes);
    }

    fn content(&mut self, actual: Option<String>, shapes: Vec<Shape>) {
        let node = *self.open.last().expect("content is always under a node");
        let page = self.pages.len() - 1;
        let piece = self.pages[page].len();
        self.pages[page].push(Piece { content: true, actual, shapes });
        self.nodes[node].children.push(Child::Piece { page, piece });
    }

    /// Lines of text in a column, from `y` down, under the open node. Answers where the next line would go.
    pub(crate) fn lines(&mut self, text: &str, style: Style, x: f32, y: f32, width: f32) -> f32 {
        let (shapes, below, actual) = self.set(text, style, x, y, width);
        self.content(actual, shapes);
        below
    }

    /// Like `lines`, but no content: a column head that is said again on the next page.
    pub(crate) fn again(&mut self, text: &str, style: Style, x: f32, y: f32, width: f32) -> f32 {
        let (shapes, below, _) = self.set(text, style, x, y, width);
        self.ornament(self.pages.len() - 1, shapes);
        below
    }

    /// Shapes that are no content.
    pub(crate) fn ornament(&mut self, page: usize, shapes: Vec<Shape>) {
        self.pages[page].push(Piece { content: false, actual: None, shapes });
    }

    /// How high a text is in a column.
    pub(crate) fn height(&self, text: &str, style: Style, width: f32) -> f32 {
        let lines = self.faces.wrap(&self.faces.drawable(text), style.size, style.bold, width).len();
        #[expect(clippy::cast_precision_loss, reason = "few lines")]
        let lines = lines as f32;
        lines * style.leading()
    }

    fn set(&self, text: &str, style: Style, x: f32, y: f32, width: f32) -> (Vec<Shape>, f32, Option<String>) {
        let drawable = self.faces.drawable(text);
        let lines = self.faces.wrap(&drawable, style.size, style.bold, width);
        let (last, mut y) = (lines.len() - 1, y);
        let mut shapes = Vec::with_capacity(lines.len());
        for (i, mut line) in lines.into_iter().enumerate() {
            let wide = self.faces.width(&line, style.size, style.bold);
            let x = if style.right { x + width - wide } else { x };
            // Words stay apart where the text is taken out of the file.
            if i < last || line.is_empty() {
                line.push(' ');
            }
            let baseline = y + style.size * 1.07;
            shapes.push(Shape::Text { x, y: baseline, size: style.size, bold: style.bold, ink: style.ink, text: line });
            y += style.leading();
        }
        (shapes, y, (drawable != text).then(|| text.to_owned()))
    }

    /// A paragraph across the page.
    pub(crate) fn paragraph(&mut self, text: &str, style: Style) {
        let width = self.width();
        self.need(self.height(text, style, width));
        self.y = self.under(Role::Paragraph, |s| s.lines(text, style, EDGE, s.y, width));
    }

    /// A heading, kept with what follows it.
    pub(crate) fn heading(&mut self, level: u16, text: &str, size: f32) {
        let (style, width) = (Style::BOLD.sized(size), self.width());
        self.need(self.height(text, style, width) + 60.0);
        self.y = self.under(Role::Heading(level, text.to_owned()), |s| s.lines(text, style, EDGE, s.y, width));
    }

    /// A rule across the page.
    pub(crate) fn rule(&mut self, y: f32) {
        let (from, to) = ((EDGE, y), (EDGE + self.width(), y));
        self.ornament(self.pages.len() - 1, vec![Shape::Line { from, to, ink: RULE, dashed: false }]);
    }

    /// Draws on the first page, whatever page is open.
    pub(crate) fn on_first(&mut self, inside: impl FnOnce(&mut Self)) {
        let later = self.pages.split_off(1);
        inside(self);
        self.pages.extend(later);
    }

    /// A line at the foot of a page, which is no content.
    pub(crate) fn foot(&mut self, page: usize, text: &str) {
        let (width, y) = (self.width(), self.paper.points().1 - EDGE);
        let text = self.clipped(text, Style::BESIDE, width, 1);
        let (shapes, ..) = self.set(&text, Style::BESIDE, EDGE, y, width);
        self.ornament(page, shapes);
    }

    /// A text of at most so many lines; what is left out is marked.
    pub(crate) fn clipped(&self, text: &str, style: Style, width: f32, most: usize) -> String {
        let fits = |t: &str| self.faces.wrap(&self.faces.drawable(t), style.size, style.bold, width).len() <= most;
        if fits(text) {
            return text.to_owned();
        }
        let mut short = text.to_owned();
        while short.pop().is_some() && !fits(&format!("{short}…")) {}
        format!("{short}…")
    }
}
