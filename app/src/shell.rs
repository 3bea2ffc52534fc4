//! The document around the pages: head, scripts, body.

#[cfg(feature = "ssr")]
use leptos::prelude::*;
#[cfg(feature = "ssr")]
use leptos_meta::MetaTags;

#[cfg(feature = "ssr")]
use crate::i18n::{Brand, use_lang};

/// The hashed names that the bundler gave the files under `/pkg/`.
#[cfg(feature = "ssr")]
#[derive(Clone, Debug, Default, serde::Deserialize)]
pub struct Assets {
    /// The style sheet of residents' pages.
    pub css: String,
    /// The module that loads the WASM.
    pub js: String,
    /// The WASM itself.
    pub wasm: String,
    /// The style sheet of staff pages.
    pub staff_css: String,
    /// The script of staff pages.
    pub staff_js: String,
    /// The sliders of the plans page.
    pub plans_js: String,
}

/// The whole document of a resident's page.
#[cfg(feature = "ssr")]
pub fn shell(assets: &Assets, brand: &Brand) -> impl IntoView + use<> {
    let nonce = leptos::nonce::use_nonce();
    let parts = use_context::<http::request::Parts>();
    let at = |which: fn(&str) -> bool| parts.as_ref().is_some_and(|parts| which(parts.uri.path()));
    let (live, plans) = (at(crate::routes::is_live), at(crate::routes::is_plans));
    let path = |file: &str| format!("/pkg/{file}");
    let (css, js, wasm) = (path(&assets.css), path(&assets.js), path(&assets.wasm));
    let sliders = plans.then(|| {
        let nonce = nonce.clone();
        view! { <script defer nonce=nonce src=path(&assets.plans_js)></script> }
    });
    let start = start(&js, &wasm);
    view! {
        <!DOCTYPE html>
        <html lang=use_lang().tag() data-utility=brand.name.clone() data-phone=brand.phone.clone()>
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content="light dark"/>
                <meta name="description" content=locales::common::site_description(use_lang(), &brand.name)/>
                <link rel="icon" type="image/svg+xml" href="/favicon.svg"/>
                <link rel="stylesheet" href=css/>
                {live.then(|| view! {
                    <script type="module" nonce=nonce>{start}</script>
                })}
                {sliders}
                <MetaTags/>
            </head>
            <body>
                <crate::App/>
            </body>
        </html>
    }
}

/// The script of a live page. Taking a page over keeps a phone busy for half a second, and all of it is readable and its links
/// work without: so the code is fetched and compiled once the page stands, and takes over at the first sign of a reader, or
/// after ten seconds for those whose reading sends none (a screen reader's). A finger that was the sign is told once more to what
/// lies under it then, so that the first touch of the chart opens a bar.
#[cfg(feature = "ssr")]
fn start(js: &str, wasm: &str) -> String {
    // Links that lead off the live pages are the browser's own: the router listens at the window and never hears of them.
    let live = crate::routes::LIVE_PATHS.replace('/', "\\/");
    format!(
        "const signs=['pointermove','pointerdown','keydown','focusin','scroll'];\
         const sign=new Promise(seen=>{{for(const s of signs)addEventListener(s,seen,{{once:true,passive:true}});setTimeout(seen,10000)}});\
         const stands=new Promise(done=>document.readyState==='complete'?done():addEventListener('load',done));\
         stands.then(async()=>{{\
         const code=import('{js}'),built=WebAssembly.compileStreaming(fetch('{wasm}'));\
         const[{{default:init,hydrate}},module]=await Promise.all([code,built,sign]);\
         await init({{module_or_path:module}});hydrate();\
         const first=await sign;\
         if(first?.pointerType)requestAnimationFrame(()=>document.elementFromPoint(first.clientX,first.clientY)\
         ?.dispatchEvent(new PointerEvent('pointermove',first)))}});\
         document.addEventListener('click',e=>{{const a=e.target.closest('a[href]');\
         if(a&&!/{live}/.test(a.pathname))e.stopPropagation()}});"
    )
}
