//! Settings of traces, by the names that OpenTelemetry gives them:
//! <https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/>.

use axum::http::{HeaderName, HeaderValue};
use percent_encoding::percent_decode_str;
use url::Url;

use super::reader::Reader;
use crate::traces::{CAN_BE_SENT, Sampling, TraceSettings};

const ENDPOINT: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";
const HEADERS: &str = "OTEL_EXPORTER_OTLP_HEADERS";
const ATTRIBUTES: &str = "OTEL_RESOURCE_ATTRIBUTES";

impl Reader<'_> {
    /// Where traces are sent, if they are.
    pub(super) fn traces(&mut self) -> Option<TraceSettings> {
        let receiver = self.receiver_of_traces();
        let headers = self.pairs(HEADERS);
        let is_header = |(name, value): &(String, String)| {
            HeaderName::try_from(name).is_ok() && HeaderValue::try_from(value).is_ok()
        };
        if !headers.iter().all(is_header) {
            self.wrong(HEADERS, "must hold headers of HTTP");
        }
        if let Some(protocol) = self.text("OTEL_EXPORTER_OTLP_PROTOCOL")
            && protocol != "http/protobuf"
        {
            let message = "must be http/protobuf, which every receiver takes (on port 4318)";
            self.wrong("OTEL_EXPORTER_OTLP_PROTOCOL", message);
        }
        let service_name = self.text("OTEL_SERVICE_NAME");
        let attributes = self.pairs(ATTRIBUTES);
        let sampling = self.sampling();
        Some(TraceSettings { receiver: receiver?, headers, service_name, attributes, sampling })
    }

    fn receiver_of_traces(&mut self) -> Option<Url> {
        let text = self.text(ENDPOINT)?;
        if !CAN_BE_SENT {
            let message = "this build sends no traces: leave it out, or build with --features otel";
            self.wrong(ENDPOINT, message);
            return None;
        }
        let url = Url::parse(&text).ok().filter(|url| {
            matches!(url.scheme(), "http" | "https")
                && url.query().is_none()
                && url.fragment().is_none()
        });
        let Some(mut url) = url else {
            let message =
                "must be an address such as http://localhost:4318, without query or fragment";
            self.wrong(ENDPOINT, message);
            return None;
        };
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(["v1", "traces"]);
        }
        Some(url)
    }

    fn sampling(&mut self) -> Sampling {
        let share = self.within("OTEL_TRACES_SAMPLER_ARG", 1.0, 0.0, 1.0);
        let Some(sampler) = self.text("OTEL_TRACES_SAMPLER") else {
            return Sampling { share, ..Sampling::default() };
        };
        Sampling::named(&sampler, share).unwrap_or_else(|| {
            let expected =
                "must be always_on, always_off or traceidratio, or one of them after parentbased_";
            self.wrong("OTEL_TRACES_SAMPLER", expected);
            Sampling::default()
        })
    }

    /// `key=value,key=value`, where what is not plain is percent-encoded.
    fn pairs(&mut self, variable: &'static str) -> Vec<(String, String)> {
        let Some(text) = self.text(variable) else { return Vec::new() };
        let pairs = text.split(',').map(str::trim).filter(|pair| !pair.is_empty());
        let pairs: Option<Vec<_>> = pairs.map(pair).collect();
        pairs.unwrap_or_else(|| {
            self.wrong(variable, "must be key=value pairs between commas, percent-encoded");
            Vec::new()
        })
    }
}

fn pair(text: &str) -> Option<(String, String)> {
    let (key, value) = text.split_once('=')?;
    let plain = |text: &str| Some(percent_decode_str(text.trim()).decode_utf8().ok()?.into_owned());
    let (key, value) = (plain(key)?, plain(value)?);
    (!key.is_empty()).then_some((key, value))
}

#[cfg(test)]
mod tests {
    use super::super::{Config, ConfigError};
    use crate::traces::Sampling;

    fn read(settings: &[(&str, &str)]) -> Result<Config, ConfigError> {
        Config::read(&|variable| {
            let set = settings.iter().find(|(name, _)| *name == variable);
            set.map(|(_, value)| (*value).to_owned())
        })
    }

    #[cfg(feature = "otel")]
    #[test]
    fn traces_are_sent_below_the_address_that_is_set_and_with_what_is_said_beside_it() {
        for (endpoint, receiver) in [
            ("http://localhost:4318", "http://localhost:4318/v1/traces"),
            ("https://collector.example/otlp/", "https://collector.example/otlp/v1/traces"),
        ] {
            let config = read(&[
                ("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint),
                ("OTEL_EXPORTER_OTLP_HEADERS", "Authorization=Basic%20dXN+lcg==, x-tenant=a"),
                ("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=trial"),
                ("OTEL_TRACES_SAMPLER", "parentbased_traceidratio"),
                ("OTEL_TRACES_SAMPLER_ARG", "0.25"),
            ]);
            let traces = config.unwrap().traces.unwrap();
            assert_eq!(traces.receiver.as_str(), receiver);
            let pair = |key: &str, value: &str| (key.to_owned(), value.to_owned());
            let headers = [pair("Authorization", "Basic dXN+lcg=="), pair("x-tenant", "a")];
            assert_eq!(traces.headers, headers);
            assert_eq!(traces.attributes, [pair("deployment.environment.name", "trial")]);
            assert_eq!(traces.sampling, Sampling { share: 0.25, obeys_caller: true });
        }
        assert!(read(&[]).unwrap().traces.is_none());
    }

    #[cfg(not(feature = "otel"))]
    #[test]
    fn a_build_without_traces_refuses_the_setting() {
        let Err(ConfigError(errors)) =
            read(&[("OTEL_EXPORTER_OTLP_ENDPOINT", "http://localhost:4318")])
        else {
            panic!("taken");
        };
        assert!(errors[0].message.contains("build with --features otel"), "{errors:?}");
    }

    #[test]
    fn what_can_not_be_used_is_told_and_no_secret_with_it() {
        for (variable, value) in [
            ("OTEL_EXPORTER_OTLP_ENDPOINT", "localhost:4318"),
            ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://localhost:4318?secret"),
            ("OTEL_EXPORTER_OTLP_HEADERS", "secret"),
            ("OTEL_EXPORTER_OTLP_HEADERS", "a b=secret"),
            ("OTEL_EXPORTER_OTLP_HEADERS", "a=secret%0Ab"),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"),
            ("OTEL_RESOURCE_ATTRIBUTES", "=secret"),
            ("OTEL_TRACES_SAMPLER", "jaeger_remote"),
            ("OTEL_TRACES_SAMPLER_ARG", "2"),
        ] {
            let Err(ConfigError(errors)) = read(&[(variable, value)]) else { panic!("{value}") };
            assert_eq!(errors.len(), 1, "{errors:?}");
            assert_eq!(errors[0].variable, variable);
            assert!(!errors[0].message.contains("secret"), "{errors:?}");
        }
    }
}
