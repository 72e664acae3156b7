//! Which requests are let in, before it is looked at what they want.

use hyper::{
    HeaderMap, Method, Request, Uri,
    body::Body,
    header::{HOST, HeaderName, ORIGIN},
    http::uri::Authority,
};

use super::{host::Hosts, refusal::Refusal};

/// What a browser says about the page that a request comes from.
static FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
static FETCH_MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");

/// Refuses requests to a name that is not ours, from a page of somebody else,
/// and with a body.
pub(super) fn check<B: Body>(request: &Request<B>, hosts: &Hosts) -> Result<(), Refusal> {
    let host = host(request, hosts)?;
    if request.method() == Method::POST {
        check_origin(request.headers(), host)?;
    }
    check_page(request.headers())?;
    if !request.body().is_end_stream() {
        return Err(Refusal::Body);
    }
    Ok(())
}

/// The host of a request, which must be one that we answer to, in its header and
/// in its target if that names one.
fn host<'a, B>(request: &'a Request<B>, hosts: &Hosts) -> Result<&'a str, Refusal> {
    let mut headers = request.headers().get_all(HOST).iter();
    let (Some(host), None) = (headers.next(), headers.next()) else {
        return Err(Refusal::BadRequest("give one `Host`".to_owned()));
    };
    let host = host.to_str().map_err(|_| Refusal::BadRequest("an odd `Host`".to_owned()))?;
    let in_target = request.uri().authority().map(Authority::as_str);
    for name in [Some(host), in_target].into_iter().flatten() {
        if !hosts.allow(name) {
            return Err(Refusal::Forbidden(format!(
                "`{name}` is neither an address, `localhost` nor given by `--flame-allow-host`"
            )));
        }
    }
    Ok(host)
}

/// A page may only change something here if it is ours.
fn check_origin(headers: &HeaderMap, host: &str) -> Result<(), Refusal> {
    let Some(origin) = headers.get(ORIGIN) else { return Ok(()) };
    let is_ours =
        origin.to_str().ok().and_then(|origin| origin.parse::<Uri>().ok()).is_some_and(|origin| {
            let authority = origin.authority().map(Authority::as_str);
            authority.is_some_and(|authority| authority.eq_ignore_ascii_case(host))
        });
    if is_ours { Ok(()) } else { Err(Refusal::Forbidden("not from another site".to_owned())) }
}

/// A page of somebody else may link here, but not load things from here: it
/// would see nothing of them, but occupy places.
fn check_page(headers: &HeaderMap) -> Result<(), Refusal> {
    let is = |name, value| headers.get(name).is_some_and(|is: &_| is == value);
    let foreign = is(&FETCH_SITE, "cross-site") || is(&FETCH_SITE, "same-site");
    if foreign && !is(&FETCH_MODE, "navigate") {
        return Err(Refusal::Forbidden("not for a page of another site".to_owned()));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::listen::content::Content;

    /// The status that is answered, or 200.
    fn status(method: Method, target: &str, headers: &[(&str, &str)]) -> u16 {
        let mut request = Request::builder().method(method).uri(target);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Content::new("")).expect("a request");
        let hosts = Hosts::new(["reth.example".to_owned()]);
        check(&request, &hosts).map_or_else(|refusal| refusal.status().as_u16(), |()| 200)
    }

    #[test]
    fn a_request_names_one_host_that_is_ours() {
        let get = |headers: &[(&str, &str)]| status(Method::GET, "/", headers);
        assert_eq!(get(&[("host", "127.0.0.1:9060")]), 200);
        assert_eq!(get(&[("host", "reth.example")]), 200);
        assert_eq!(get(&[("host", "evil.example")]), 403);
        assert_eq!(get(&[]), 400);
        assert_eq!(get(&[("host", "127.0.0.1"), ("host", "127.0.0.1")]), 400);
        assert_eq!(get(&[("host", "\u{e9}vil")]), 400);
    }

    #[test]
    fn a_whole_url_as_the_target_is_looked_at_too() {
        let get = |target| status(Method::GET, target, &[("host", "127.0.0.1")]);
        assert_eq!(get("http://127.0.0.1/"), 200);
        assert_eq!(get("http://evil.example/"), 403);
    }

    #[test]
    fn a_post_comes_from_our_own_page_or_from_none() {
        let post = |headers: &[(&str, &str)]| {
            let host = [("host", "127.0.0.1:9060")];
            status(Method::POST, "/stop", &[&host, headers].concat())
        };
        assert_eq!(post(&[]), 200);
        assert_eq!(post(&[("origin", "http://127.0.0.1:9060")]), 200);
        assert_eq!(post(&[("origin", "https://127.0.0.1:9060")]), 200, "a proxy with TLS");
        for origin in [
            "http://evil.example",
            "http://127.0.0.1:9061",
            "http://127.0.0.1",
            "http://user@127.0.0.1:9060",
            "http://127.0.0.1:9060.evil.example",
            "null",
            "",
        ] {
            assert_eq!(post(&[("origin", origin)]), 403, "{origin}");
        }
        assert_eq!(post(&[("origin", "http://127.0.0.1:9060"), ("host", "localhost")]), 400);
    }

    #[test]
    fn a_foreign_page_can_link_here_and_no_more() {
        let get = |site, mode| {
            let headers = [("host", "[::1]"), ("sec-fetch-site", site), ("sec-fetch-mode", mode)];
            status(Method::GET, "/flame.svg", &headers)
        };
        assert_eq!(get("cross-site", "navigate"), 200);
        assert_eq!(get("cross-site", "no-cors"), 403);
        assert_eq!(get("same-site", "cors"), 403);
        assert_eq!(get("same-origin", "cors"), 200);
        assert_eq!(get("none", "navigate"), 200);
    }
}
