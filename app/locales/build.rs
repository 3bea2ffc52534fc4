//! Turns `en/*.ftl` into one typed function per message, so that a missing key or argument does not compile and the
//! browser downloads texts instead of a parser.
//!
//! Supported: plain text, `{ $argument }`, terms are not, and one selector over a number (`[0]`, `[one]`, `[other]`).

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

use fluent_syntax::ast;

#[expect(clippy::disallowed_methods, reason = "cargo tells a build script by the environment where its output goes")]
fn main() {
    let mut out = String::new();
    println!("cargo::rerun-if-changed=en");
    let mut files: Vec<_> = fs::read_dir("en")
        .expect("the folder of English messages is beside this file")
        .map(|entry| entry.expect("a readable entry").path())
        .filter(|path| path.extension().is_some_and(|e| e == "ftl"))
        .collect();
    files.sort();
    for path in files {
        println!("cargo::rerun-if-changed={}", path.display());
        module(&path, &mut out);
    }
    let target = Path::new(&env::var("OUT_DIR").expect("set by cargo")).join("messages.rs");
    fs::write(target, out).expect("the output folder is writable");
}

fn module(path: &Path, out: &mut String) {
    let area = path.file_stem().and_then(|s| s.to_str()).expect("a plain file name");
    let source = fs::read_to_string(path).expect("a readable file");
    let resource = match fluent_syntax::parser::parse(source.as_str()) {
        Ok(resource) => resource,
        Err((_, errors)) => panic!("{}: {errors:?}", path.display()),
    };
    writeln!(out, "/// Messages of `{area}.ftl`.\npub mod {area} {{\n    use super::Lang;").expect("a string");
    for entry in resource.body {
        let ast::Entry::Message(message) = entry else {
            continue;
        };
        let Some(value) = message.value else { continue };
        let mut arguments = BTreeSet::new();
        let mut numbers = BTreeSet::new();
        let body = pattern(&value, &mut arguments, &mut numbers);
        let name = message.id.name.replace('-', "_");
        let mut doc = String::new();
        for element in &value.elements {
            if let ast::PatternElement::TextElement { value } = element {
                doc.push_str(value);
            } else {
                doc.push('…');
            }
        }
        let doc = doc.replace('\n', " ");
        writeln!(out, "    /// {doc:?}").expect("a string");
        if arguments.len() > 6 {
            out.push_str(
                "    #[expect(clippy::too_many_arguments, reason = \"a message names everything that it says\")]\n",
            );
        }
        write!(out, "    pub fn {name}(_lang: Lang").expect("a string");
        for argument in &arguments {
            let kind = if numbers.contains(argument) { "i64" } else { "impl ::core::fmt::Display" };
            write!(out, ", {argument}: {kind}").expect("a string");
        }
        if arguments.is_empty() {
            writeln!(out, ") -> &'static str {{\n        {body:?}\n    }}").expect("a string");
        } else {
            let mut code = String::from("let mut out = ::std::string::String::new();\n");
            statements(&value, &mut code);
            writeln!(out, ") -> ::std::string::String {{\n        {code}        out\n    }}").expect("a string");
        }
    }
    out.push_str("}\n");
}

/// The text of a pattern without arguments; collects arguments and those used as numbers.
fn pattern(value: &ast::Pattern<&str>, arguments: &mut BTreeSet<String>, numbers: &mut BTreeSet<String>) -> String {
    let mut text = String::new();
    for element in &value.elements {
        match element {
            ast::PatternElement::TextElement { value } => text.push_str(value),
            ast::PatternElement::Placeable { expression } => match expression {
                ast::Expression::Inline(inline) => {
                    if let ast::InlineExpression::StringLiteral { value } = inline {
                        text.push_str(value);
                    } else {
                        arguments.insert(variable(inline));
                    }
                }
                ast::Expression::Select { selector, variants } => {
                    let name = variable(selector);
                    arguments.insert(name.clone());
                    numbers.insert(name);
                    for variant in variants {
                        pattern(&variant.value, arguments, numbers);
                    }
                }
            },
        }
    }
    text
}

fn statements(value: &ast::Pattern<&str>, code: &mut String) {
    for element in &value.elements {
        match element {
            ast::PatternElement::TextElement { value } => {
                writeln!(code, "        {}", push(value)).expect("a string");
            }
            ast::PatternElement::Placeable { expression } => match expression {
                ast::Expression::Inline(ast::InlineExpression::StringLiteral { value }) => {
                    writeln!(code, "        {}", push(value)).expect("a string");
                }
                ast::Expression::Inline(inline) => {
                    writeln!(code, "        super::put(&mut out, &{});", variable(inline)).expect("a string");
                }
                ast::Expression::Select { selector, variants } => {
                    writeln!(code, "        match {} {{", variable(selector)).expect("a string");
                    for variant in variants.iter().filter(|v| !v.default).chain(variants.iter().filter(|v| v.default)) {
                        let key = match (&variant.key, variant.default) {
                            (_, true) => "_".to_owned(),
                            (ast::VariantKey::NumberLiteral { value }, _) => (*value).to_owned(),
                            (ast::VariantKey::Identifier { name: "one" }, _) => "1".to_owned(),
                            (ast::VariantKey::Identifier { name }, _) => {
                                panic!("unknown plural category {name}")
                            }
                        };
                        writeln!(code, "        {key} => {{").expect("a string");
                        statements(&variant.value, code);
                        writeln!(code, "        }}").expect("a string");
                    }
                    writeln!(code, "        }}").expect("a string");
                }
            },
        }
    }
}

/// The statement that adds a text.
fn push(text: &str) -> String {
    let mut characters = text.chars();
    match (characters.next(), characters.next()) {
        (Some(one), None) => format!("out.push({one:?});"),
        _ => format!("out.push_str({text:?});"),
    }
}

fn variable(inline: &ast::InlineExpression<&str>) -> String {
    match inline {
        ast::InlineExpression::VariableReference { id } => id.name.replace('-', "_"),
        other => panic!("only $variables and string literals may stand in braces: {other:?}"),
    }
}
