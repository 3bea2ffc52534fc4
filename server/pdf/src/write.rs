//! From a laid-out document to the file.

use std::collections::HashMap;
use std::num::NonZeroU16;

use krilla::configure::{Accessibility, ConfigurationBuilder};
use krilla::destination::XyzDestination;
use krilla::geom::{PathBuilder, Point, Rect};
use krilla::metadata::Metadata;
use krilla::num::NormalizedF32;
use krilla::outline::{Outline, OutlineNode};
use krilla::page::PageSettings;
use krilla::paint::{Fill, Stroke, StrokeDash};
use krilla::surface::Surface;
use krilla::tagging::{
    Artifact, ArtifactType, ContentTag, Identifier, SpanTag, TableHeaderScope, Tag, TagGroup, TagKind, TagTree,
};
use krilla::text::{Font, TextDirection};
use krilla::{Document, SerializeSettings, color::rgb};

use crate::Unprintable;
use crate::fonts::{BOLD, REGULAR};
use crate::sheet::{Child, Ink, NodeId, Piece, Role, Shape, Sheet};

/// What the file says about itself.
pub(crate) struct About {
    pub(crate) title: String,
    pub(crate) author: String,
    pub(crate) lang: &'static str,
}

/// Writes laid-out documents into one file, one after the other. The writer checks PDF/UA-1 and refuses what does not conform.
pub(crate) fn write(sheets: &[Sheet], about: &About) -> Result<Vec<u8>, Unprintable> {
    let wrong = |e: &dyn std::fmt::Debug| Unprintable(format!("{e:?}"));
    let configuration =
        ConfigurationBuilder::new().with_accessibility_validator(Accessibility::UA1).finish().map_err(|e| wrong(&e))?;
    let mut document = Document::new_with(SerializeSettings { configuration, ..SerializeSettings::default() });
    let fonts = Fonts::new()?;
    let mut tree = TagTree::new().with_lang(Some(about.lang.to_owned()));
    let (mut contents, mut before) = (Outline::new(), 0);
    for sheet in sheets {
        let (width, height) = sheet.paper.points();
        let settings = PageSettings::from_wh(width, height).ok_or_else(|| Unprintable("no such paper".into()))?;
        let mut ids: HashMap<(usize, usize), Identifier> = HashMap::new();
        for (p, pieces) in sheet.pages.iter().enumerate() {
            let mut page = document.start_page_with(settings.clone());
            let mut surface = page.surface();
            for (i, piece) in pieces.iter().enumerate() {
                let id = surface.start_tagged(tag_of(piece));
                piece.shapes.iter().for_each(|shape| draw(&mut surface, &fonts, shape));
                surface.end_tagged();
                if piece.content {
                    ids.insert((p, i), id);
                }
            }
            surface.finish();
            page.finish();
        }
        for root in &sheet.roots {
            tree.push(group(sheet, *root, &mut ids));
        }
        outline(sheet, before).into_iter().for_each(|top| contents.push_child(top));
        before += sheet.pages.len();
    }
    document.set_tag_tree(tree);
    document.set_outline(contents);
    let metadata = Metadata::new()
        .title(about.title.clone())
        .authors(vec![about.author.clone()])
        .creator("Meterside".to_owned())
        .language(about.lang.to_owned());
    document.set_metadata(metadata);
    document.finish().map_err(|e| wrong(&e))
}

struct Fonts {
    regular: Font,
    bold: Font,
}

impl Fonts {
    fn new() -> Result<Self, Unprintable> {
        let read =
            |data: &'static [u8]| Font::new(data.into(), 0).ok_or_else(|| Unprintable("a font is broken".into()));
        Ok(Self { regular: read(REGULAR)?, bold: read(BOLD)? })
    }
}

fn tag_of(piece: &Piece) -> ContentTag<'_> {
    match (&piece.actual, piece.content) {
        (_, false) => ContentTag::Artifact(Artifact::with_kind(ArtifactType::Layout)),
        (Some(text), true) => ContentTag::Span(SpanTag::empty().with_actual_text(Some(text))),
        (None, true) => ContentTag::Other,
    }
}

fn color([r, g, b]: Ink) -> rgb::Color {
    rgb::Color::new(r, g, b)
}

fn draw(surface: &mut Surface<'_>, fonts: &Fonts, shape: &Shape) {
    match shape {
        Shape::Text { x, y, size, bold, ink, text } => {
            surface.set_stroke(None);
            surface.set_fill(Some(Fill { paint: color(*ink).into(), ..Fill::default() }));
            let font = if *bold { &fonts.bold } else { &fonts.regular };
            let at = Point::from_xy(*x, *y);
            surface.draw_text(at, font.clone(), *size, text, false, TextDirection::LeftToRight);
        }
        Shape::Bar { corner, size, ink } => {
            let Some(area) = Rect::from_xywh(corner.0, corner.1, size.0, size.1) else { return };
            let mut path = PathBuilder::new();
            path.push_rect(area);
            let Some(path) = path.finish() else { return };
            surface.set_stroke(None);
            surface.set_fill(Some(Fill { paint: color(*ink).into(), ..Fill::default() }));
            surface.draw_path(&path);
        }
        Shape::Line { from, to, ink, dashed } => {
            let mut path = PathBuilder::new();
            path.move_to(from.0, from.1);
            path.line_to(to.0, to.1);
            let Some(path) = path.finish() else { return };
            surface.set_fill(None);
            surface.set_stroke(Some(Stroke {
                paint: color(*ink).into(),
                width: 0.6,
                opacity: NormalizedF32::ONE,
                dash: dashed.then(|| StrokeDash { array: vec![4.0, 3.0], offset: 0.0 }),
                ..Stroke::default()
            }));
            surface.draw_path(&path);
        }
    }
}

fn group(sheet: &Sheet, id: NodeId, ids: &mut HashMap<(usize, usize), Identifier>) -> TagGroup {
    let node = &sheet.nodes[id];
    let tag: TagKind = match &node.role {
        Role::Section => Tag::Section.into(),
        Role::Heading(level, text) => {
            Tag::Hn(NonZeroU16::new(*level).unwrap_or(NonZeroU16::MIN), Some(text.clone())).into()
        }
        Role::Paragraph => Tag::P.into(),
        Role::Table(summary) => Tag::Table.with_summary(Some(summary.clone())).into(),
        Role::Figure(words) => Tag::Figure(Some(words.clone())).into(),
        Role::Head => Tag::THead.into(),
        Role::Body => Tag::TBody.into(),
        Role::Row => Tag::TR.into(),
        Role::ColumnHead => Tag::TH(TableHeaderScope::Column).into(),
        Role::RowHead => Tag::TH(TableHeaderScope::Row).into(),
        Role::Cell => Tag::TD.into(),
    };
    let mut out = TagGroup::new(tag);
    for child in &node.children {
        match child {
            Child::Node(child) => out.push(group(sheet, *child, ids)),
            Child::Piece { page, piece } => {
                if let Some(id) = ids.remove(&(*page, *piece)) {
                    out.push(id);
                }
            }
        }
    }
    out
}

/// The headings, to jump to; those of the second level are under the one before. `before` pages come first in the file.
fn outline(sheet: &Sheet, before: usize) -> Vec<OutlineNode> {
    let mut tops: Vec<OutlineNode> = Vec::new();
    for node in &sheet.nodes {
        let Role::Heading(level, text) = &node.role else { continue };
        let Some(Child::Piece { page, piece }) = node.children.first() else { continue };
        let Some(Shape::Text { y, size, .. }) = sheet.pages[*page][*piece].shapes.first() else { continue };
        let entry = OutlineNode::new(text.clone(), XyzDestination::new(before + *page, Point::from_xy(0.0, y - size)));
        match tops.last_mut() {
            Some(top) if *level > 1 => top.push_child(entry),
            _ => tops.push(entry),
        }
    }
    tops
}
