//! What the endpoint answers, request by request.

use std::{io, sync::Arc};

use hyper::{Method, Request, Response, body::Body};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{Duration, timeout},
};
use tracing_flame_layer::{
    Flame, Profile, SpanSelector,
    render::{Explanation, Metrics, Options, TraceFormat, Viewer},
};

use super::{
    admission,
    aside::aside,
    content::Content,
    host::Hosts,
    index, open, page,
    query::Query,
    refusal::Refusal,
    reply,
    route::{HTML, JSON, Route, TEXT, content_type, picture_type, trace_type},
    slowest::Slowest,
    status,
    windows::Windows,
};
use crate::picture;

/// How many profiles may be drawn, or on their way to a client, at a time.
const PLACES: usize = 8;
/// How long a request waits for such a place.
const PATIENCE: Duration = Duration::from_secs(30);

/// Everything that requests are answered from.
#[derive(Debug)]
pub(crate) struct Site {
    flame: Flame,
    options: Options,
    hosts: Hosts,
    windows: Windows,
    slowest: Slowest,
    metrics: Metrics,
    places: Arc<Semaphore>,
}

impl Site {
    pub(crate) fn new(flame: Flame, options: Options, hosts: Hosts) -> Self {
        Self {
            windows: Windows::new(flame.clone()),
            slowest: Slowest::new(flame.clone()),
            metrics: Metrics::new(Vec::new()),
            flame,
            options,
            hosts,
            places: Arc::new(Semaphore::new(PLACES)),
        }
    }

    /// With histograms of these spans too.
    pub(crate) fn with_metrics(self, spans: Vec<SpanSelector>) -> Self {
        Self { metrics: Metrics::new(spans), ..self }
    }

    /// Answers a request. Dropping the future frees what it occupies.
    pub(super) async fn answer<B: Body>(
        self: &Arc<Self>,
        request: &Request<B>,
    ) -> Response<Content> {
        let response = self.respond(request).await.unwrap_or_else(|why| reply::refusal(&why));
        if request.method() == Method::HEAD { reply::without_content(response) } else { response }
    }

    async fn respond<B: Body>(
        self: &Arc<Self>,
        request: &Request<B>,
    ) -> Result<Response<Content>, Refusal> {
        admission::check(request, &self.hosts)?;
        let route = Route::find(request.uri().path()).ok_or(Refusal::NotFound)?;
        route.check(request.method())?;
        match route {
            Route::File(file) => {
                Ok(reply::content(file.content_type, page::POLICY, Content::new(file.content)))
            }
            Route::Index => Ok(index::page()),
            Route::Profile(format, weight) => {
                let query = query(request)?;
                let content_type = content_type(format);
                if request.method() == Method::HEAD {
                    return Ok(announced(content_type, Content::new("")));
                }
                let query = Query { weight: weight.or(query.weight), ..query };
                let write = move |site: &Self, profile: &Profile, options: &Options| {
                    let mut bytes = Vec::new();
                    picture::write(profile, &site.flame, format, &mut bytes, options)?;
                    Ok(bytes)
                };
                self.draw(content_type, query, write).await
            }
            Route::Explanation | Route::ExplanationData => {
                let (query, is_data) = (query(request)?, route == Route::ExplanationData);
                let content_type = if is_data { JSON } else { TEXT };
                if request.method() == Method::HEAD {
                    return Ok(announced(content_type, Content::new("")));
                }
                let words = (!is_data).then_some(query.budget);
                let write = move |site: &Self, profile: &Profile, options: &Options| {
                    let operations = picture::slowest_in(profile, &site.flame);
                    let explanation = Explanation::new(profile, &operations, options);
                    let mut bytes = Vec::new();
                    match words {
                        Some(words) => explanation.write_markdown(&mut bytes, words)?,
                        None => explanation.write_json(&mut bytes)?,
                    }
                    Ok(bytes)
                };
                self.draw(content_type, query, write).await
            }
            Route::Metrics if request.method() == Method::HEAD => {
                Ok(announced(Metrics::CONTENT_TYPE, Content::new("")))
            }
            Route::Metrics => self.tell_metrics().await,
            Route::Slowest => self.list_slowest().await,
            Route::Open => self.list_open().await,
            Route::Operation(number) => self.draw_operation(number).await,
            Route::OperationData(number) => self.tell_operation(number).await,
            Route::OperationTrace(number, format) => self.trace_operation(number, format).await,
            Route::Status => Ok(self.status()),
            Route::Start => self.switch(Flame::start).await,
            Route::Stop => self.switch(Flame::stop).await,
        }
    }

    /// What is written of the stretch of a query.
    async fn draw(
        self: &Arc<Self>,
        content_type: &'static str,
        query: Query,
        write: impl FnOnce(&Self, &Profile, &Options) -> io::Result<Vec<u8>> + Send + 'static,
    ) -> Result<Response<Content>, Refusal> {
        let window = self.windows.find(query.stretch).await?;
        let place = self.place().await?;
        let mut options = self.options.clone();
        if let Some(weight) = query.weight {
            options.weight = weight;
            options.threads = false;
        }
        let site = self.clone();
        aside(move || {
            let profile = site.windows.profile(&window);
            write(&site, &profile, &options).map(|bytes| {
                let mut content = Content::new(bytes);
                content.hold_place(place);
                announced(content_type, content)
            })
        })
        .await?
        .map_err(|e| Refusal::Failed(e.to_string()))
    }

    async fn tell_metrics(self: &Arc<Self>) -> Result<Response<Content>, Refusal> {
        let place = self.place().await?;
        let site = self.clone();
        let told = aside(move || {
            let mut bytes = Vec::new();
            site.metrics.write(&site.flame.snapshot_of_ended(), &mut bytes).map(|()| bytes)
        });
        let bytes = told.await?.map_err(|e| Refusal::Failed(e.to_string()))?;
        let mut content = Content::new(bytes);
        content.hold_place(place);
        Ok(announced(Metrics::CONTENT_TYPE, content))
    }

    async fn list_slowest(self: &Arc<Self>) -> Result<Response<Content>, Refusal> {
        let site = self.clone();
        let text = aside(move || site.slowest.json()).await?;
        Ok(reply::content(JSON, reply::NOTHING, Content::new(text)))
    }

    async fn list_open(&self) -> Result<Response<Content>, Refusal> {
        let flame = self.flame.clone();
        let text = aside(move || open::json(&flame)).await?;
        Ok(reply::content(JSON, reply::NOTHING, Content::new(text)))
    }

    async fn draw_operation(self: &Arc<Self>, number: u64) -> Result<Response<Content>, Refusal> {
        let place = self.place().await?;
        let site = self.clone();
        let drawn = aside(move || site.slowest.picture(number, &site.options)).await?;
        let bytes = drawn.ok_or(Refusal::NotFound)?.map_err(|e| Refusal::Failed(e.to_string()))?;
        let mut content = Content::new(bytes);
        content.hold_place(place);
        Ok(announced(picture_type(), content))
    }

    async fn tell_operation(self: &Arc<Self>, number: u64) -> Result<Response<Content>, Refusal> {
        let place = self.place().await?;
        let site = self.clone();
        let told = aside(move || site.slowest.data(number)).await?;
        let bytes = told.ok_or(Refusal::NotFound)?.map_err(|e| Refusal::Failed(e.to_string()))?;
        let mut content = Content::new(bytes);
        content.hold_place(place);
        Ok(announced(JSON, content))
    }

    async fn trace_operation(
        self: &Arc<Self>,
        number: u64,
        format: TraceFormat,
    ) -> Result<Response<Content>, Refusal> {
        let place = self.place().await?;
        let site = self.clone();
        let written = aside(move || site.slowest.trace(number, format)).await?;
        let bytes =
            written.ok_or(Refusal::NotFound)?.map_err(|e| Refusal::Failed(e.to_string()))?;
        let mut content = Content::new(bytes);
        content.hold_place(place);
        Ok(announced(trace_type(format), content))
    }

    /// A place among the profiles in memory.
    async fn place(&self) -> Result<OwnedSemaphorePermit, Refusal> {
        match timeout(PATIENCE, self.places.clone().acquire_owned()).await {
            Ok(Ok(place)) => Ok(place),
            _ => Err(Refusal::TooMany),
        }
    }

    async fn switch(&self, switch: fn(&Flame)) -> Result<Response<Content>, Refusal> {
        let flame = self.flame.clone();
        aside(move || switch(&flame)).await?;
        Ok(self.status())
    }

    fn status(&self) -> Response<Content> {
        let text = status::json(self.flame.is_recording(), &self.options);
        reply::content(JSON, reply::NOTHING, Content::new(text))
    }
}

fn query<B>(request: &Request<B>) -> Result<Query, Refusal> {
    Query::parse(request.uri().query().unwrap_or_default()).map_err(Refusal::BadRequest)
}

fn announced(content_type: &'static str, content: Content) -> Response<Content> {
    let policy = match content_type {
        "image/svg+xml" => reply::PICTURE,
        HTML => Viewer::REPORT_POLICY,
        _ => reply::NOTHING,
    };
    reply::content(content_type, policy, content)
}
