//! Log lines: one JSON object each, with the ids that join them to a trace.

use opentelemetry::trace::TraceContextExt as _;
use serde_json::{Map, Value};
use std::fmt;
use std::fs::File;
use std::io::{self, Write as _};
use std::path::Path;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Subscriber};
use tracing_opentelemetry::OpenTelemetrySpanExt as _;
use tracing_subscriber::Layer;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

/// Writes `{"timestamp", "level", "target", "event", …fields}` with the fields
/// of the spans around the event, innermost last.
pub(crate) fn layer<S>(file: Option<&Path>) -> io::Result<impl Layer<S> + use<S>>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    let file = file
        .map(|path| File::options().create(true).append(true).open(path))
        .transpose()?;
    Ok(Json { file })
}

/// Writes to the file, or to standard error without one.
struct Json {
    file: Option<File>,
}

impl Json {
    fn write(&self, line: &Map<String, Value>) {
        let Ok(mut text) = serde_json::to_vec(line) else {
            return;
        };
        text.push(b'\n');
        // One write per line, so that lines of several threads do not mix. There
        // is nowhere left to say that the log cannot be written.
        match &self.file {
            Some(file) => (&mut &*file).write_all(&text).ok(),
            None => io::stderr().lock().write_all(&text).ok(),
        };
    }
}

/// A span's fields, kept so that its events can carry them.
struct Fields(Map<String, Value>);

impl<S> Layer<S> for Json
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut fields = Map::new();
        attributes.record(&mut Collect(&mut fields));
        if let Some(span) = context.span(id) {
            span.extensions_mut().insert(Fields(fields));
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        if let Some(fields) = span.extensions_mut().get_mut::<Fields>() {
            values.record(&mut Collect(&mut fields.0));
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut line = Map::new();
        line.insert("timestamp".to_owned(), timestamp().into());
        line.insert("level".to_owned(), event.metadata().level().as_str().into());
        line.insert("target".to_owned(), event.metadata().target().into());
        for span in context
            .event_scope(event)
            .into_iter()
            .flat_map(tracing_subscriber::registry::Scope::from_root)
        {
            if let Some(fields) = span.extensions().get::<Fields>() {
                line.extend(fields.0.clone());
            }
        }
        trace_ids(&mut line);
        event.record(&mut Collect(&mut line));
        self.write(&line);
    }
}

fn timestamp() -> String {
    let mut text = String::new();
    let mut writer = Writer::new(&mut text);
    let time = tracing_subscriber::fmt::time::SystemTime;
    // Writing to a string does not fail.
    let _ = tracing_subscriber::fmt::time::FormatTime::format_time(&time, &mut writer).ok();
    text
}

fn trace_ids(line: &mut Map<String, Value>) {
    let context = tracing::Span::current().context();
    let span = context.span();
    let ids = span.span_context();
    if ids.is_valid() {
        line.insert("trace_id".to_owned(), ids.trace_id().to_string().into());
        line.insert("span_id".to_owned(), ids.span_id().to_string().into());
    }
}

struct Collect<'a>(&'a mut Map<String, Value>);

impl Collect<'_> {
    fn insert(&mut self, field: &Field, value: Value) {
        let name = if field.name() == "message" {
            "event"
        } else {
            field.name()
        };
        self.0.insert(name.to_owned(), value);
    }
}

impl Visit for Collect<'_> {
    fn record_i64(&mut self, field: &Field, value: i64) {
        self.insert(field, value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.insert(field, value.into());
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.insert(field, value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.insert(field, value.into());
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.insert(field, value.into());
    }

    fn record_error(&mut self, field: &Field, value: &(dyn std::error::Error + 'static)) {
        let mut text = value.to_string();
        let mut source = value.source();
        while let Some(error) = source {
            text.push_str(": ");
            text.push_str(&error.to_string());
            source = error.source();
        }
        self.insert(field, text.into());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.insert(field, format!("{value:?}").into());
    }
}
