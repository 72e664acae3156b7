//! Responses, with the headers that all of them have.

use hyper::{
    Response, StatusCode,
    header::{
        ALLOW, CACHE_CONTROL, CONNECTION, CONTENT_LENGTH, CONTENT_SECURITY_POLICY, CONTENT_TYPE,
        HeaderName, HeaderValue, REFERRER_POLICY, RETRY_AFTER, X_CONTENT_TYPE_OPTIONS,
    },
};

use super::{content::Content, refusal::Refusal};

/// What a document may do that has nothing to do.
pub(super) const NOTHING: &str = "default-src 'none'; frame-ancestors 'none'";
/// What a picture may do: be coloured, and zoom by its own script.
pub(super) const PICTURE: &str = "default-src 'none'; style-src 'unsafe-inline'; \
     script-src 'unsafe-inline'; frame-ancestors 'none'";
/// What a client is asked to wait, in seconds, where there are too many.
const RETRY: HeaderValue = HeaderValue::from_static("2");

/// A whole answer.
pub(super) fn content(
    content_type: &'static str,
    policy: &'static str,
    content: Content,
) -> Response<Content> {
    let mut response = Response::new(content);
    let headers = response.headers_mut();
    for (name, value) in [
        (CONTENT_TYPE, content_type),
        (CONTENT_SECURITY_POLICY, policy),
        (CACHE_CONTROL, "no-store"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (REFERRER_POLICY, "no-referrer"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

/// One line of text.
pub(super) fn refusal(refusal: &Refusal) -> Response<Content> {
    let line = format!("{}\n", refusal.reason());
    let mut response = content("text/plain; charset=utf-8", NOTHING, Content::new(line));
    *response.status_mut() = refusal.status();
    let headers = response.headers_mut();
    match refusal {
        Refusal::Method(allowed) => {
            headers.insert(ALLOW, HeaderValue::from_static(allowed));
        }
        Refusal::TooMany => {
            headers.insert(RETRY_AFTER, RETRY);
        }
        // What it brings is not read, so nothing can follow it.
        Refusal::Body => {
            headers.insert(CONNECTION, HeaderValue::from_static("close"));
        }
        _ => {}
    }
    response
}

/// The same without its content, as `HEAD` wants it.
pub(super) fn without_content(mut response: Response<Content>) -> Response<Content> {
    let length = response.body().len();
    if length > 0 && response.status() == StatusCode::OK {
        response.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(length));
    }
    response.body_mut().clear();
    response
}
