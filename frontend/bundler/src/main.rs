//! Builds the site folder: the browser's WASM and its loader, the style sheets, the scripts and the icon; file names
//! carry a hash of their contents, and each file stands beside its brotli and gzip forms.
//!
//! `make site` runs it; with `--dev` the code is left unoptimised. It writes `TARGET/site/pkg/*` and `TARGET/site/manifest.json`.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use anyhow::{Context, Result, ensure};
use sha2::{Digest, Sha256};

fn main() -> Result<()> {
    let dev = env::args().any(|a| a == "--dev");
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize()?;
    let target = target_folder(&root);
    let site = target.join("site");
    let fresh = target.join("site.new");
    let input = compile(&root, &target, dev)?;
    let inputs = digest(&input, &root.join("style"))?;
    if fs::read_to_string(site.join("inputs")).is_ok_and(|made_of| made_of == inputs) {
        println!("site: {} is up to date", site.display());
        return Ok(());
    }
    if fresh.exists() {
        fs::remove_dir_all(&fresh)?;
    }
    fs::create_dir_all(fresh.join("pkg"))?;
    let (js, wasm) = bind(&input, &target, dev)?;
    let put = |stem: &str, ending: &str, bytes: &[u8]| write(&fresh.join("pkg"), stem, ending, bytes);
    let wasm_name = put("meterside", "wasm", &wasm)?;
    let js_name = put("meterside", "js", js.as_bytes())?;
    let style = root.join("style");
    let css_name = put("main", "css", style_sheet(&style, "main.css")?.as_bytes())?;
    let staff_css = put("staff", "css", style_sheet(&style, "staff.css")?.as_bytes())?;
    let staff_js = put("staff", "js", &fs::read(style.join("staff.js"))?)?;
    let plans_js = put("plans", "js", &fs::read(style.join("plans.js"))?)?;
    fs::copy(style.join("favicon.svg"), fresh.join("favicon.svg"))?;
    fs::write(
        fresh.join("manifest.json"),
        format!(
            "{{\"css\":\"{css_name}\",\"js\":\"{js_name}\",\"wasm\":\"{wasm_name}\",\"staff_css\":\"{staff_css}\",\"staff_js\":\"{staff_js}\",\"plans_js\":\"{plans_js}\"}}\n"
        ),
    )?;
    fs::write(fresh.join("inputs"), inputs)?;
    if site.exists() {
        fs::remove_dir_all(&site)?;
    }
    fs::rename(&fresh, &site)?;
    let size = |name: &str| fs::metadata(site.join("pkg").join(format!("{name}.br"))).map(|m| m.len());
    let (js_size, wasm_size) = (size(&js_name)?, size(&wasm_name)?);
    println!(
        "site: {} · brotli: WASM {wasm_size} + JS {js_size} = {} bytes, CSS {} bytes",
        site.display(),
        wasm_size + js_size,
        size(&css_name)?
    );
    Ok(())
}

fn target_folder(root: &Path) -> PathBuf {
    env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from)
}

/// Compiles the frontend; answers where it is.
fn compile(root: &Path, target: &Path, dev: bool) -> Result<PathBuf> {
    let profile = if dev { "dev" } else { "wasm-release" };
    let status = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .current_dir(root)
        .args([
            "build",
            "--locked",
            "--target",
            "wasm32-unknown-unknown",
            "-p",
            "frontend",
            "--lib",
            "--profile",
            profile,
        ])
        .status()
        .context("cargo could not be started")?;
    ensure!(status.success(), "the frontend does not compile");
    let folder = if dev { "debug" } else { "wasm-release" };
    Ok(target.join("wasm32-unknown-unknown").join(folder).join("frontend.wasm"))
}

/// What the site is made of, as a hash: the compiled frontend, the style folder, and this program.
fn digest(wasm: &Path, style: &Path) -> Result<String> {
    let mut files: Vec<PathBuf> =
        fs::read_dir(style)?.map(|entry| entry.map(|e| e.path())).collect::<std::io::Result<_>>()?;
    files.sort();
    let mut all = Sha256::new();
    for file in [wasm, &env::current_exe()?].into_iter().chain(files.iter().map(PathBuf::as_path)) {
        all.update(Sha256::digest(fs::read(file).with_context(|| file.display().to_string())?));
    }
    Ok(hex::encode(all.finalize()))
}

/// Binds the compiled frontend: the loader's text and the WASM.
fn bind(input: &Path, target: &Path, dev: bool) -> Result<(String, Vec<u8>)> {
    let out = target.join("bindgen");
    if out.exists() {
        fs::remove_dir_all(&out)?;
    }
    wasm_bindgen_cli_support::Bindgen::new()
        .input_path(input)
        .out_name("meterside")
        .web(true)?
        .typescript(false)
        .omit_default_module_path(true)
        .remove_name_section(!dev)
        .remove_producers_section(true)
        .generate(&out)?;
    ensure!(
        !out.join("snippets").exists(),
        "a dependency brings JavaScript snippets, which this bundler does not place"
    );
    // Not through wasm-opt: it makes the file smaller and its brotli form larger (measured: 244 kB without, 251 kB with -Oz).
    let mut script = without_comments(&fs::read_to_string(out.join("meterside.js"))?);
    let mut wasm = fs::read(out.join("meterside_bg.wasm"))?;
    plain_names(&mut script, &mut wasm);
    Ok((script, wasm))
}

/// Gives what the WASM imports of the loader names that compress. The generated ones end in sixteen digits of a hash, which
/// stand in both files and cost 3.7 kB of brotli. A new name is as long as the old one, so that the WASM stays as it is laid out.
fn plain_names(script: &mut String, wasm: &mut [u8]) {
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let hashed = |name: &str| {
        let digits = name.rsplit('_').next().unwrap_or_default();
        name.starts_with("__wbg_") && digits.len() == 16 && digits.bytes().all(|b| b.is_ascii_hexdigit())
    };
    let names: BTreeSet<String> =
        script.split(|c| !word(c)).filter(|name| hashed(name)).map(ToOwned::to_owned).collect();
    for (n, name) in names.into_iter().enumerate() {
        let plain = format!("{:_<width$}", format!("_{n}"), width = name.len());
        *script = script.replace(&name, &plain);
        let mut at = 0;
        while let Some(found) = wasm[at..].windows(name.len()).position(|w| w == name.as_bytes()) {
            wasm[at + found..at + found + name.len()].copy_from_slice(plain.as_bytes());
            at += found + name.len();
        }
    }
}

/// The loader without indentation and without the lines that are comments only.
fn without_comments(script: &str) -> String {
    let mut out = String::with_capacity(script.len());
    let mut inside = false;
    for line in script.lines().map(str::trim) {
        inside |= line.starts_with("/**");
        if !(inside || line.is_empty() || line.starts_with("//")) {
            out.push_str(line);
            out.push('\n');
        }
        inside &= !line.ends_with("*/");
    }
    out
}

/// A style sheet with its imports put in their places.
fn style_sheet(folder: &Path, name: &str) -> Result<String> {
    let text = fs::read_to_string(folder.join(name)).with_context(|| format!("style/{name}"))?;
    let mut out = String::with_capacity(text.len());
    for line in text.lines() {
        if let Some(file) = line.strip_prefix("@import \"").and_then(|l| l.strip_suffix("\";")) {
            out.push_str(&style_sheet(folder, file)?);
        } else {
            out.push_str(line.trim());
            out.push('\n');
        }
    }
    Ok(out)
}

fn write(folder: &Path, stem: &str, ending: &str, bytes: &[u8]) -> Result<String> {
    let hash = hex::encode(&Sha256::digest(bytes)[..8]);
    let name = format!("{stem}.{hash}.{ending}");
    fs::write(folder.join(&name), bytes)?;
    let mut br = Vec::new();
    let params = brotli::enc::BrotliEncoderParams { quality: 11, lgwin: 22, ..Default::default() };
    brotli::BrotliCompress(&mut &*bytes, &mut br, &params)?;
    fs::write(folder.join(format!("{name}.br")), br)?;
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    std::io::Write::write_all(&mut gz, bytes)?;
    fs::write(folder.join(format!("{name}.gz")), gz.finish()?)?;
    Ok(name)
}
