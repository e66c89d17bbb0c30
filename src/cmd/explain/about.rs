//! What the names of formats mean, in a few words.

use crate::stream::Found;
use weblog_parse::{Format, formats::Family};
use weblog_wire::dialect::Dialect;

/// The name of a format that lines were found to have.
pub fn name(found: Found) -> &'static str {
    match found {
        Found::Line(format) => format.name(),
        Found::Json(dialect) => dialect.name(),
        Found::Row => "csv",
    }
}

/// Who writes a format, a phrase; empty when there is nothing to say.
pub fn writer(name: &str) -> &'static str {
    match name {
        "common" => "Apache httpd and many others",
        "combined" => "Apache httpd and nginx",
        "vhost_common" => "Apache httpd, with the virtual host first",
        "vhost_combined" => "Apache httpd as Debian sets it up",
        "nginx_main" => "nginx as its packages set it up",
        "alb" => "AWS Application Load Balancer",
        "elb" => "AWS Classic Load Balancer",
        "nlb" => "AWS Network Load Balancer",
        "s3" => "Amazon S3",
        "cloudfront" | "cloudfront_json" => "Amazon CloudFront",
        "waf_json" => "AWS WAF",
        "gcp_json" => "Google Cloud load balancers",
        "apache_error" => "the error log of Apache httpd",
        "nginx_error" => "the error log of nginx",
        "envoy" | "envoy_json" => "Envoy and Istio",
        "haproxy" | "haproxy_json" => "HAProxy",
        "ingress_upstreaminfo" => "the nginx ingress controller",
        "nginx_proxy_manager" => "Nginx Proxy Manager",
        "nginx_json" => "nginx, JSON that its log_format spells",
        "caddy" => "Caddy",
        "traefik" | "traefik_json" => "Traefik",
        "kong_json" => "Kong",
        "ecs_json" => "Elastic Common Schema or OpenTelemetry",
        "squid" => "Squid",
        "uwsgi" => "uWSGI",
        "w3c" => "IIS and others, the W3C extended format",
        "ltsv" => "labelled tab-separated values",
        "json" => "JSON with names in common use",
        "ndjson" => "weblog, or JSON of an unknown kind",
        "csv" | "tsv" => "a table with a header",
        _ => "",
    }
}

/// What can be done so that a server logs more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// nginx or Apache httpd write it.
    Both,
    /// nginx writes it.
    Nginx,
    /// Something else does.
    Foreign,
}

/// Which server's configuration a format comes from.
pub fn origin(found: Found) -> Origin {
    match found {
        Found::Line(Format::Of(Family::IngressUpstreaminfo | Family::NginxProxyManager))
        | Found::Line(Format::NginxMain)
        | Found::Json(Dialect::Nginx) => Origin::Nginx,
        Found::Line(Format::Of(_) | Format::Error) | Found::Json(_) | Found::Row => Origin::Foreign,
        Found::Line(_) => Origin::Both,
    }
}
