use std::env;
use std::path::PathBuf;

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::quote;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Error, Ident, LitInt, LitStr, Path, Token, bracketed};

/// Expands to a test that runs the function with a database, or to the compile errors of the attribute.
pub(crate) fn expand(attribute: TokenStream, item: TokenStream) -> TokenStream {
    let wanted = syn::parse2::<TestAttribute>(attribute);
    let function = syn::parse2::<Function>(item.clone());
    match (wanted, function) {
        (Ok(wanted), Ok(function)) => write(&wanted, &function),
        (wanted, function) => {
            let errors = [wanted.err(), function.err()].into_iter().flatten().reduce(|mut all, error| {
                all.combine(error);
                all
            });
            // The function as well, so that what it uses is not called unused besides.
            let errors = errors.map(Error::into_compile_error);
            quote! { #errors #[allow(dead_code)] #item }
        }
    }
}

/// The arguments of the attribute.
struct TestAttribute {
    bundles: Vec<Path>,
    facts: Vec<LitStr>,
    scripts: Vec<LitStr>,
    threads: Option<LitInt>,
}

const ACCEPTED: &str = "accepted are bundles, `facts = \"FILE\"`, `script = \"FILE\"` and `threads = N`";

impl Parse for TestAttribute {
    fn parse(input: ParseStream<'_>) -> syn::Result<TestAttribute> {
        let mut wanted =
            TestAttribute { bundles: Vec::new(), facts: Vec::new(), scripts: Vec::new(), threads: None };
        let mut keys: Vec<Ident> = Vec::new();
        while !input.is_empty() {
            if input.peek(Ident) && input.peek2(Token![=]) {
                let key: Ident = input.parse()?;
                if keys.contains(&key) {
                    return Err(Error::new(
                        key.span(),
                        format!("`{key}` is here twice; several files are a list: `{key} = [\"a\", \"b\"]`"),
                    ));
                }
                input.parse::<Token![=]>()?;
                match key.to_string().as_str() {
                    "facts" => wanted.facts = files(input)?,
                    "script" => wanted.scripts = files(input)?,
                    "threads" => wanted.threads = Some(threads(input)?),
                    _ => return Err(Error::new(key.span(), format!("`{key}` is not an option; {ACCEPTED}"))),
                }
                keys.push(key);
            } else if input.peek(Ident)
                || input.peek(Token![::])
                || input.peek(Token![crate])
                || input.peek(Token![self])
                || input.peek(Token![super])
            {
                wanted.bundles.push(input.call(Path::parse_mod_style)?);
            } else {
                return Err(input.error(ACCEPTED));
            }
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        Ok(wanted)
    }
}

/// One file or a list of them, each beside the crate's manifest.
fn files(input: ParseStream<'_>) -> syn::Result<Vec<LitStr>> {
    if !input.peek(syn::token::Bracket) {
        return Ok(vec![file(input)?]);
    }
    let list;
    bracketed!(list in input);
    Ok(Punctuated::<LitStr, Token![,]>::parse_terminated_with(&list, file)?.into_iter().collect())
}

fn file(input: ParseStream<'_>) -> syn::Result<LitStr> {
    let file: LitStr =
        input.parse().map_err(|error| Error::new(error.span(), "a file's path in quotes is expected"))?;
    match beside(&file.value()).is_file() {
        true => Ok(file),
        false => Err(Error::new(file.span(), format!("no file `{}` beside Cargo.toml", file.value()))),
    }
}

fn beside(file: &str) -> PathBuf {
    env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from).unwrap_or_default().join(file)
}

fn threads(input: ParseStream<'_>) -> syn::Result<LitInt> {
    let wrong = |span| Error::new(span, "a number of threads is expected, such as `threads = 4`");
    let number: LitInt = input.parse().map_err(|error| wrong(error.span()))?;
    match number.base10_parse::<usize>() {
        Ok(1..) => Ok(number),
        _ => Err(wrong(number.span())),
    }
}

/// A function, as far as it matters here.
struct Function {
    attributes: Vec<TokenStream>,
    should_panic: bool,
    /// The tokens before `async`.
    before: TokenStream,
    name: Ident,
    parameters: TokenStream,
    /// The parameter's type.
    database: TokenStream,
    output: TokenStream,
    body: TokenTree,
}

impl Parse for Function {
    fn parse(input: ParseStream<'_>) -> syn::Result<Function> {
        let (mut attributes, mut should_panic) = (Vec::new(), false);
        while input.peek(Token![#]) {
            let pound: Token![#] = input.parse()?;
            let content;
            let bracket = bracketed!(content in input);
            let span = bracket.span.open();
            let path = content.fork().call(Path::parse_mod_style).ok();
            let last = path.as_ref().and_then(|path| path.segments.last()).map(|last| last.ident.to_string());
            if last.as_deref() == Some("test") {
                return Err(Error::new(span, "another `test` attribute: this one makes a test already"));
            }
            should_panic |= last.as_deref() == Some("should_panic");
            let content: TokenStream = content.parse()?;
            attributes.push(quote! { #pound [#content] });
        }
        let before =
            until(input, |token| matches!(token, TokenTree::Ident(word) if word == "async" || word == "fn"))?;
        if !input.peek(Token![async]) {
            let span = if input.is_empty() { Span::call_site() } else { input.span() };
            return Err(Error::new(span, "a test that gets a database is an `async fn`"));
        }
        input.parse::<Token![async]>()?;
        if !input.peek(Token![fn]) {
            return Err(
                input.error("a test that gets a database is an `async fn`, neither `unsafe` nor `extern`")
            );
        }
        input.parse::<Token![fn]>()?;
        let name: Ident = input.parse()?;
        if input.peek(Token![<]) {
            return Err(input.error("a test can't be generic"));
        }
        let (parameters, database) = parameters(input, &name)?;
        let output = until(
            input,
            |token| matches!(token, TokenTree::Group(group) if group.delimiter() == proc_macro2::Delimiter::Brace),
        )?;
        let body: TokenTree = input.parse()?;
        Ok(Function { attributes, should_panic, before, name, parameters, database, output, body })
    }
}

/// The one parameter, by value, and its type.
fn parameters(input: ParseStream<'_>, name: &Ident) -> syn::Result<(TokenStream, TokenStream)> {
    let content;
    syn::parenthesized!(content in input);
    let wrong = |span: Span| {
        Error::new(span, "a test takes one parameter: `database: embed_migrate::testing::TestDatabase`")
    };
    if content.is_empty() {
        return Err(wrong(name.span()));
    }
    let parameters: TokenStream = content.fork().parse()?;
    // Commas in types of several parameters are between angle brackets, which a database's type does not have.
    let is =
        |wanted| move |token: &TokenTree| matches!(token, TokenTree::Punct(it) if it.as_char() == wanted);
    let pattern = until(&content, is(':'))?;
    let typed = content.parse::<Option<Token![:]>>();
    let database = until(&content, is(','))?;
    let ended = content.parse::<Option<Token![,]>>().is_ok() && content.is_empty();
    if pattern.is_empty() || !matches!(typed, Ok(Some(_))) || database.is_empty() || !ended {
        return Err(wrong(content.span()));
    }
    Ok((parameters, database))
}

/// Takes tokens as long as none is what is looked for.
fn until(input: ParseStream<'_>, found: impl Fn(&TokenTree) -> bool) -> syn::Result<TokenStream> {
    let mut tokens = Vec::new();
    while !input.is_empty() {
        if found(&input.fork().parse()?) {
            break;
        }
        tokens.push(input.parse::<TokenTree>()?);
    }
    Ok(tokens.into_iter().collect())
}

fn write(wanted: &TestAttribute, function: &Function) -> TokenStream {
    let TestAttribute { bundles, facts, scripts, threads } = wanted;
    let Function { attributes, should_panic, before, name, parameters, database, output, body } = function;
    // Through the parameter's type: it leads to the library, whatever name a dependency has given it.
    let checked = (!facts.is_empty()).then(|| {
        quote! {
            const _: () = ::core::assert!(<#database>::FACTS, "facts: switch on the feature `facts` of `embed-migrate`");
        }
    });
    let threads = match threads {
        Some(threads) => quote! { ::core::option::Option::Some(#threads) },
        None => quote! { ::core::option::Option::None },
    };
    let included = |files: &[LitStr]| -> Vec<TokenStream> {
        let include = |file: &LitStr| {
            let path = beside(&file.value()).display().to_string();
            quote! { (#file, ::core::include_str!(#path)) }
        };
        files.iter().map(include).collect()
    };
    let (facts, scripts) = (included(facts), included(scripts));
    quote! {
        #(#attributes)*
        #[::core::prelude::v1::test]
        #before fn #name() #output {
            async fn #name(#parameters) #output #body
            #checked
            <#database>::run_test(
                ::core::concat!(::core::module_path!(), "::", ::core::stringify!(#name)),
                (#should_panic, #threads),
                &[#(&#bundles),*],
                [&[#(#facts),*], &[#(#scripts),*]],
                #name,
            )
        }
    }
}
