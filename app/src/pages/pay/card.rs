//! Paying on a page of ours with the processor's own fields: what is typed there goes from the browser to the processor. This
//! step alone needs JavaScript, and says so.

use contract::payments::{CardView, FieldsView, SetupCardView};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use locales::pay;

use crate::api;
use crate::components::{PublicPage, loaded};
use crate::i18n::{use_brand, use_lang};
use crate::routes::to;

/// Shows the fields and sends what is typed to the processor. Stripe's newest fields take bank accounts too; where its script
/// knows cards only, a card it is.
const START: &str = "(function(){var f=document.getElementById('fields-form'),d=f.dataset,s=Stripe(d.key),\
    b=f.querySelector('button'),p=document.getElementById('fields-problem'),setup=d.setup==='true',\
    u=new URL(d.back,location.href).href,many=!!s.confirmPayment,e=many?s.elements({clientSecret:d.secret}):s.elements(),\
    c=e.create(many?'payment':'card');c.mount('#fields');b.parentElement.hidden=false;\
    function say(t){p.textContent=t;p.hidden=false;b.disabled=false;p.focus()}\
    f.addEventListener('submit',function(v){v.preventDefault();b.disabled=true;p.hidden=true;\
    var r=many?s[setup?'confirmSetup':'confirmPayment']({elements:e,confirmParams:{return_url:u}})\
    :s[setup?'confirmCardSetup':'confirmCardPayment'](d.secret,{payment_method:{card:c}});\
    r.then(function(x){if(x&&x.error){say((x.error.message||d.failed)+' '+d.nothing)}else{location.assign(u)}},\
    function(){say(d.failed)})})})()";

/// The page of a resident's payment.
#[component]
pub fn Card() -> impl IntoView {
    let params = use_params_map();
    let which = move || params.with(|p| (p.get("account").unwrap_or_default(), p.get("payment").unwrap_or_default()));
    let model = Resource::new(which, |(account, number)| api::pay::card(account, number));
    loaded(model, move |view: CardView| {
        let back = to::payment(&view.account, &view.number);
        view! { <Typed view back/> }
    })
}

/// The page of a guest's payment.
#[component]
pub fn GuestCard() -> impl IntoView {
    let params = use_params_map();
    let which = move || params.with(|p| (p.get("token").unwrap_or_default(), p.get("payment").unwrap_or_default()));
    let model = Resource::new(which, |(token, number)| api::pay::guest_card(token, number));
    loaded(model, move |view: CardView| {
        let back = to::guest_payment(&which().0, &view.number);
        view! { <Typed view back/> }
    })
}

/// The page on which a resident saves a way to pay.
#[component]
pub fn SetupCard() -> impl IntoView {
    let params = use_params_map();
    let which = move || params.with(|p| (p.get("account").unwrap_or_default(), p.get("setup").unwrap_or_default()));
    let model = Resource::new(which, |(account, reference)| api::pay::setup_card(account, reference));
    loaded(model, move |view: SetupCardView| {
        let lang = use_lang();
        let ways = to::methods(&view.account);
        // The page of saved ways asks the processor how the setting up ended.
        let back = format!("{ways}?saved={}", view.reference);
        let over = view.fields.is_none();
        view! {
            <PublicPage title=pay::card_save_title(lang)>
                <div class="narrow stack-large">
                    {view
                        .fields
                        .map(|fields| {
                            let words = Words {
                                button: pay::card_save(lang).to_owned(),
                                no_script: pay::card_save_no_script_body(lang, use_brand().phone),
                                nothing: pay::card_save_nothing(lang),
                            };
                            view! { <ProcessorFields fields words back/> }
                        })}
                    {over.then(|| view! { <p class="lead">{pay::card_save_over(lang)}</p> })}
                    <p><a href=ways>{pay::card_save_back(lang)}</a></p>
                </div>
            </PublicPage>
        }
    })
}

#[component]
fn Typed(view: CardView, back: String) -> impl IntoView {
    let lang = use_lang();
    let words = Words {
        button: pay::card_pay(lang, view.amount),
        no_script: pay::card_no_script_body(lang, use_brand().phone),
        nothing: pay::card_nothing(lang),
    };
    let over = view.fields.is_none();
    view! {
        <PublicPage title=pay::card_title(lang, view.amount)>
            <div class="narrow stack-large">
                {view.fields.map(|fields| view! { <ProcessorFields fields words back=back.clone()/> })}
                {over.then(|| view! { <p class="lead">{pay::card_over(lang)}</p> })}
                <p><a href=back>{pay::card_back(lang)}</a></p>
            </div>
        </PublicPage>
    }
}

/// What the page says of what it is for.
struct Words {
    button: String,
    /// What to do without JavaScript.
    no_script: String,
    /// What a refusal left undone.
    nothing: &'static str,
}

/// The processor's fields with a button, for a payment or for what is saved. `back` is the page that says how it stands.
#[component]
fn ProcessorFields(fields: FieldsView, words: Words, back: String) -> impl IntoView {
    let lang = use_lang();
    let nonce = leptos::nonce::use_nonce();
    let begin = nonce.clone();
    view! {
        <noscript>
            <div class="notice warn">
                <div>
                    <h2>{pay::card_no_script(lang)}</h2>
                    <p>{words.no_script}</p>
                </div>
            </div>
        </noscript>
        <form
            id="fields-form"
            class="stack"
            data-key=fields.key
            data-secret=fields.client_secret
            data-setup=fields.setup.to_string()
            data-back=back
            data-failed=pay::card_failed(lang)
            data-nothing=words.nothing
        >
            <div id="fields" class="processor-fields"></div>
            <p id="fields-problem" role="alert" class="wrong-text" tabindex="-1" hidden></p>
            <div hidden>
                <button type="submit">{words.button}</button>
                <p class="hint">{pay::card_hint(lang)}</p>
            </div>
        </form>
        <script nonce=nonce src=fields.script></script>
        <script nonce=begin>{START}</script>
    }
}
