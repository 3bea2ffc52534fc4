//! A feed as a tree, read by means of its own.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

/// An element.
#[derive(Clone, Debug, Default)]
pub struct Node {
    pub name: String,
    pub attributes: Vec<(String, String)>,
    pub text: String,
    pub children: Vec<Node>,
}

impl Node {
    pub fn read(text: &str) -> Self {
        let mut reader = Reader::from_str(text);
        let mut open = vec![Self::default()];
        let node = |e: &BytesStart<'_>| Self {
            name: String::from_utf8_lossy(e.local_name().as_ref()).into_owned(),
            attributes: e
                .attributes()
                .map(|a| a.expect("an attribute"))
                .map(|a| {
                    let key = String::from_utf8_lossy(a.key.as_ref()).into_owned();
                    (key, String::from_utf8_lossy(&a.value).into_owned())
                })
                .collect(),
            ..Self::default()
        };
        loop {
            match reader.read_event().expect("well-formed") {
                Event::Start(e) => open.push(node(&e)),
                Event::Empty(e) => open.last_mut().expect("a root").children.push(node(&e)),
                Event::End(_) => {
                    let done = open.pop().expect("open");
                    open.last_mut().expect("a root").children.push(done);
                }
                Event::Text(t) => open.last_mut().expect("a root").text.push_str(&t.decode().expect("UTF-8")),
                Event::Eof => break,
                _ => {}
            }
        }
        assert_eq!(open.len(), 1, "every element is closed");
        open.remove(0).children.remove(0)
    }

    pub fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|c| c.name == name)
    }

    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Self> {
        self.children.iter().filter(move |c| c.name == name)
    }

    /// The text at a path of names.
    pub fn at(&self, path: &str) -> Option<&str> {
        path.split('/').try_fold(self, |node, name| node.child(name)).map(|n| n.text.trim())
    }

    pub fn number(&self, path: &str) -> Option<i64> {
        self.at(path).map(|t| t.parse().expect("a whole number"))
    }

    pub fn links<'a>(&'a self, rel: &'a str) -> impl Iterator<Item = &'a str> {
        let of = |n: &'a Self, key: &str| n.attributes.iter().find(|a| a.0 == key).map(|a| a.1.as_str());
        self.all("link").filter(move |l| of(l, "rel") == Some(rel)).filter_map(move |l| of(l, "href"))
    }

    /// The one resource in an entry's content.
    pub fn resource(&self) -> &Self {
        let inside = &self.child("content").expect("an entry has content").children;
        assert_eq!(inside.len(), 1, "one resource in each content");
        &inside[0]
    }
}

/// The entries of one kind.
pub fn entries<'a>(feed: &'a Node, kind: &'a str) -> impl Iterator<Item = &'a Node> {
    feed.all("entry").filter(move |e| e.resource().name == kind)
}
