//! Tables: columns of fixed widths, heads that are said again on each page, cells that wrap.

use crate::sheet::{EDGE, Role, Sheet, Style};

/// A column.
pub(crate) struct Column<'a> {
    /// What is in it.
    pub(crate) head: &'a str,
    /// Its share of the table's width.
    pub(crate) share: f32,
    /// Whether it is set to the right, as amounts are.
    pub(crate) right: bool,
}

/// A row; its first cell names it. A cell may have a second, smaller text under the first.
pub(crate) struct Line {
    pub(crate) cells: Vec<(String, Option<String>)>,
    pub(crate) bold: bool,
}

impl Line {
    pub(crate) fn new<const N: usize>(cells: [String; N]) -> Self {
        Self { cells: cells.into_iter().map(|c| (c, None)).collect(), bold: false }
    }

    pub(crate) fn bold(self) -> Self {
        Self { bold: true, ..self }
    }
}

/// Room between columns.
const BETWEEN: f32 = 8.0;

impl Sheet {
    /// A table. `summary` says what it is about.
    pub(crate) fn table(&mut self, summary: &str, columns: &[Column<'_>], rows: &[Line]) {
        let whole: f32 = columns.iter().map(|c| c.share).sum();
        let mut x = EDGE;
        let places: Vec<(f32, f32)> = columns
            .iter()
            .map(|c| {
                let width = self.width() * c.share / whole;
                let place = (x, width - BETWEEN);
                x += width;
                place
            })
            .collect();
        let head = |c: &Column<'_>| if c.right { Style::BESIDE.to_the_right() } else { Style::BESIDE };
        let head_height =
            columns.iter().zip(&places).map(|(c, (_, w))| self.height(c.head, head(c), *w)).fold(0.0, f32::max);
        self.need(head_height + 30.0);
        self.under(Role::Table(summary.to_owned()), |s| {
            s.under(Role::Head, |s| {
                s.under(Role::Row, |s| {
                    for (c, (x, w)) in columns.iter().zip(&places) {
                        s.under(Role::ColumnHead, |s| s.lines(c.head, head(c), *x, s.y, *w));
                    }
                });
            });
            s.y += head_height + 1.0;
            s.rule(s.y);
            s.under(Role::Body, |s| {
                for row in rows {
                    let height = s.row_height(row, columns, &places);
                    if s.need(height) {
                        for (c, (x, w)) in columns.iter().zip(&places) {
                            s.again(c.head, head(c), *x, s.y, *w);
                        }
                        s.y += head_height + 1.0;
                        s.rule(s.y);
                    }
                    s.row(row, columns, &places);
                    s.y += height;
                    s.rule(s.y - 1.5);
                }
            });
        });
    }

    fn row_height(&self, row: &Line, columns: &[Column<'_>], places: &[(f32, f32)]) -> f32 {
        let cells = row.cells.iter().zip(columns).zip(places);
        let heights = cells.map(|(((text, under), c), (_, w))| {
            let style = style(row, c);
            self.height(text, style, *w) + under.as_ref().map_or(0.0, |u| self.height(u, Style::BESIDE, *w))
        });
        heights.fold(0.0, f32::max) + 5.0
    }

    fn row(&mut self, row: &Line, columns: &[Column<'_>], places: &[(f32, f32)]) {
        self.under(Role::Row, |s| {
            for (i, (((text, under), c), (x, w))) in row.cells.iter().zip(columns).zip(places).enumerate() {
                s.under(if i == 0 { Role::RowHead } else { Role::Cell }, |s| {
                    let y = s.lines(text, style(row, c), *x, s.y + 1.5, *w);
                    if let Some(under) = under {
                        s.lines(under, Style::BESIDE, *x, y, *w);
                    }
                });
            }
        });
    }
}

fn style(row: &Line, column: &Column<'_>) -> Style {
    Style { bold: row.bold, right: column.right, ..Style::PLAIN }
}
