//! The schema: every field weblog knows, in the order in which it is written.
//!
//! This table is the one source of NDJSON keys and their order, of `weblog schema` and of
//! `weblog-schema(7)`. Names are flat snake_case with the unit in the name. The Apache column
//! names the directive of mod_log_config, mod_logio or mod_ssl; the nginx column the variable;
//! ECS and OTel the attribute of the Elastic Common Schema 9 and of the OpenTelemetry semantic
//! conventions that means the same. An empty string says that there is none.

/// What kind of value a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An instant in UTC.
    Time,
    /// A whole number.
    Int,
    /// A number with a fraction.
    Float,
    /// Text: UTF-8, with every byte that is not UTF-8 written as `\xhh`.
    Text,
    /// True or false.
    Bool,
}

impl Kind {
    /// The word that `weblog schema` prints for the kind.
    pub const fn name(self) -> &'static str {
        match self {
            Kind::Time => "time",
            Kind::Int => "int",
            Kind::Float => "float",
            Kind::Text => "text",
            Kind::Bool => "bool",
        }
    }
}

/// What the schema says of one field.
#[derive(Clone, Copy, Debug)]
pub struct FieldInfo {
    /// The key in NDJSON and the name of the column everywhere else.
    pub name: &'static str,
    /// The kind of value.
    pub kind: Kind,
    /// What the value means, with its unit.
    pub meaning: &'static str,
    /// The Apache httpd format directive.
    pub apache: &'static str,
    /// The nginx variable.
    pub nginx: &'static str,
    /// The name in the Elastic Common Schema.
    pub ecs: &'static str,
    /// The name in the OpenTelemetry semantic conventions.
    pub otel: &'static str,
}

macro_rules! schema {
    ($($id:ident $name:literal $kind:ident $meaning:literal $apache:literal $nginx:literal $ecs:literal $otel:literal)*) => {
        /// A field of the schema. Its order is the order of the schema.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum Field {
            $(#[doc = $meaning] $id,)*
        }

        /// Everything the schema says, in order; `SCHEMA[field as usize]` describes `field`.
        pub static SCHEMA: &[FieldInfo] = &[
            $(FieldInfo { name: $name, kind: Kind::$kind, meaning: $meaning, apache: $apache, nginx: $nginx, ecs: $ecs, otel: $otel },)*
        ];

        impl Field {
            /// Every field, in schema order.
            pub const ALL: &'static [Field] = &[$(Field::$id,)*];
        }
    };
}

schema! {
    Time "time" Time "instant of the request, UTC" "%t" "$time_local" "@timestamp" "Timestamp"
    UtcOffset "utc_offset" Int "offset from UTC that the log was written with, minutes" "" "" "" ""
    RemoteAddr "remote_addr" Text "client as logged: an address or a host name" "%h" "$remote_addr" "source.address" "client.address"
    RemoteLogname "remote_logname" Text "identd user of the client" "%l" "" "apache.access.user.identity" ""
    RemoteUser "remote_user" Text "authenticated user" "%u" "$remote_user" "user.name" "user.name"
    Method "method" Text "request method" "%m" "$request_method" "http.request.method" "http.request.method"
    Target "target" Text "request target as sent" "" "$request_uri" "url.original" "url.original"
    Path "path" Text "path of the target, percent-decoded once, before ?" "%U" "$uri" "url.path" "url.path"
    Query "query" Text "query of the target as sent, after ?" "%q" "$args" "url.query" "url.query"
    Protocol "protocol" Text "protocol of the request" "%H" "$server_protocol" "http.version" "network.protocol.version"
    Request "request" Text "request line, only when it is not METHOD TARGET PROTOCOL" "%r" "$request" "" ""
    RequestKind "request_kind" Text "what a request line that is no HTTP request is: empty, tls, binary or junk" "" "" "" ""
    Status "status" Int "status of the response" "%>s" "$status" "http.response.status_code" "http.response.status_code"
    Bytes "bytes" Int "bytes of the response body" "%b" "$body_bytes_sent" "http.response.body.bytes" "http.response.body.size"
    Referer "referer" Text "Referer header" "%{Referer}i" "$http_referer" "http.request.referrer" "http.request.header.referer"
    UserAgent "user_agent" Text "User-Agent header" "%{User-Agent}i" "$http_user_agent" "user_agent.original" "user_agent.original"
    Vhost "vhost" Text "virtual host that served the request" "%v" "$server_name" "url.domain" "server.address"
    ServerAddr "server_addr" Text "address of the server" "%A" "$server_addr" "server.ip" "network.local.address"
    ServerPort "server_port" Int "port of the server" "%p" "$server_port" "server.port" "server.port"
    DurationUs "duration_us" Int "time taken to serve the request, microseconds" "%D" "$request_time" "event.duration" "http.server.request.duration"
    RequestBytes "request_bytes" Int "bytes of the request on the wire" "%I" "$request_length" "http.request.bytes" "http.request.size"
    ResponseBytes "response_bytes" Int "bytes of the response on the wire" "%O" "$bytes_sent" "http.response.bytes" "http.response.size"
    UpstreamAddr "upstream_addr" Text "upstream servers that were tried" "" "$upstream_addr" "destination.address" ""
    UpstreamStatus "upstream_status" Text "statuses of the upstream servers" "" "$upstream_status" "" ""
    UpstreamTimeUs "upstream_time_us" Int "time the upstream servers took together, microseconds" "" "$upstream_response_time" "" ""
    UpstreamAttempts "upstream_attempts" Int "number of upstream servers tried" "" "" "" ""
    CacheStatus "cache_status" Text "what the cache did" "%{cache-status}e" "$upstream_cache_status" "" ""
    RequestId "request_id" Text "id of the request" "%L" "$request_id" "http.request.id" "http.request.header.x-request-id"
    ForwardedFor "forwarded_for" Text "X-Forwarded-For header" "%{X-Forwarded-For}i" "$http_x_forwarded_for" "network.forwarded_ip" "http.request.header.x-forwarded-for"
    TlsProtocol "tls_protocol" Text "TLS version" "%{SSL_PROTOCOL}x" "$ssl_protocol" "tls.version" "tls.protocol.version"
    TlsCipher "tls_cipher" Text "TLS cipher" "%{SSL_CIPHER}x" "$ssl_cipher" "tls.cipher" "tls.cipher"
    Host "host" Text "machine that the line came from" "" "$hostname" "host.name" "host.name"
    Source "source" Text "file that the line came from" "" "" "log.file.path" "log.file.path"
    Offset "offset" Int "byte offset of the line in its decompressed source" "" "" "log.offset" ""
    Extra "extra" Text "tail of the line that the format does not name" "" "" "" ""
    ClientAddr "client_addr" Text "address of the client behind trusted proxies" "" "" "client.ip" "client.address"
    ProxyHops "proxy_hops" Int "trusted proxies that the request came through" "" "" "" ""
    ForwardedSuspect "forwarded_suspect" Bool "whether the forwarding header looks forged beyond the client" "" "" "" ""
    AddrKind "addr_kind" Text "what an address is that is not of the public internet: private, loopback, cgnat, documentation and others" "" "" "" ""
    Country "country" Text "country of the client, ISO 3166-1 alpha-2" "%{MM_COUNTRY_CODE}e" "$geoip_country_code" "source.geo.country_iso_code" "geo.country.iso_code"
    CountryName "country_name" Text "name of the country" "" "$geoip_country_name" "source.geo.country_name" ""
    Region "region" Text "name of the first subdivision" "" "$geoip_region_name" "source.geo.region_name" ""
    City "city" Text "name of the city" "" "$geoip_city" "source.geo.city_name" "geo.locality.name"
    Latitude "latitude" Float "latitude, degrees north" "" "$geoip_latitude" "source.geo.location" "geo.location.lat"
    Longitude "longitude" Float "longitude, degrees east" "" "$geoip_longitude" "source.geo.location" "geo.location.lon"
    Timezone "timezone" Text "IANA time zone of the place" "" "" "source.geo.timezone" ""
    Asn "asn" Int "number of the autonomous system" "" "" "source.as.number" ""
    AsOrg "as_org" Text "organisation of the autonomous system" "" "$geoip_org" "source.as.organization.name" ""
    Isp "isp" Text "provider that serves the address" "" "" "" ""
    ConnectionType "connection_type" Text "kind of connection: cable_dsl, cellular, corporate, satellite or dialup" "" "" "" ""
    Anonymizer "anonymizer" Text "what hides the client: tor, vpn, proxy, hosting or anonymous" "" "" "" ""
    Browser "browser" Text "browser family" "" "" "user_agent.name" "user_agent.name"
    BrowserVersion "browser_version" Text "browser version" "" "" "user_agent.version" "user_agent.version"
    Os "os" Text "operating system" "" "" "user_agent.os.name" "user_agent.os.name"
    OsVersion "os_version" Text "version of the operating system" "" "" "user_agent.os.version" "user_agent.os.version"
    Device "device" Text "kind of device: desktop, mobile, tablet, tv, bot or other" "" "" "user_agent.device.name" ""
    Bot "bot" Text "name of the bot or tool, absent for people" "" "" "" "user_agent.synthetic.type"
    BotClass "bot_class" Text "what the bot does: search, ai-training, ai-search, ai-user, seo, social-preview, monitor, feed, archive, scanner, library or other" "" "" "" ""
    BotVerified "bot_verified" Text "whether the address is one of the bot's operator: verified, claimed or impostor" "" "" "" ""
    RefererHost "referer_host" Text "host of the referer" "" "" "" ""
    RefererClass "referer_class" Text "where the visit came from: internal, search, social, ai-assistant, mail or other" "" "" "" ""
    CampaignSource "campaign_source" Text "who sent the visitor: utm_source of the query" "" "" "" ""
    CampaignMedium "campaign_medium" Text "kind of link that was followed: utm_medium of the query" "" "" "" ""
    Campaign "campaign" Text "name of the campaign: utm_campaign of the query" "" "" "" ""
    CampaignTerm "campaign_term" Text "keyword that was paid for: utm_term of the query" "" "" "" ""
    CampaignContent "campaign_content" Text "which of several links it was: utm_content of the query" "" "" "" ""
    CampaignClick "campaign_click" Text "kind of click identifier in the query, like gclid" "" "" "" ""
    Route "route" Text "path with its variable parts folded" "" "" "" "http.route"
    AssetClass "asset_class" Text "kind of thing asked for: page, api, image, media, script, style, font, feed, download, data, wellknown, health or other" "" "" "" ""
    Probe "probe" Text "what a scanner was after: rce, injection, traversal, dotfiles, wordpress, backups, config, admin, device or proxy" "" "" "" ""
}

impl Field {
    /// What the schema says of this field.
    #[inline]
    pub fn info(self) -> &'static FieldInfo {
        &SCHEMA[self as usize]
    }

    /// The field with this name, if the schema has it.
    pub fn from_name(name: &[u8]) -> Option<Field> {
        Field::ALL.iter().copied().find(|field| field.name().as_bytes() == name)
    }

    /// The key of this field.
    #[inline]
    pub fn name(self) -> &'static str {
        self.info().name
    }
}
