//! TLS versions and ciphers in the spelling of mod_ssl and nginx.

/// `TLSv1.3` for `1.3` and for the number that stands for it (RFC 8446 section 4.2.1); anything else as it
/// is.
pub(super) fn protocol(text: &[u8]) -> &[u8] {
    match text {
        b"769" | b"1.0" => b"TLSv1",
        b"770" | b"1.1" => b"TLSv1.1",
        b"771" | b"1.2" => b"TLSv1.2",
        b"772" | b"1.3" => b"TLSv1.3",
        _ => text,
    }
}

/// The name of a cipher by its number in IANA's registry "TLS Cipher Suites" (as of 2026), for those that
/// servers written in Go offer; anything else as it is.
pub(super) fn cipher(text: &[u8]) -> &[u8] {
    match text {
        b"4865" => b"TLS_AES_128_GCM_SHA256",
        b"4866" => b"TLS_AES_256_GCM_SHA384",
        b"4867" => b"TLS_CHACHA20_POLY1305_SHA256",
        b"47" => b"TLS_RSA_WITH_AES_128_CBC_SHA",
        b"53" => b"TLS_RSA_WITH_AES_256_CBC_SHA",
        b"156" => b"TLS_RSA_WITH_AES_128_GCM_SHA256",
        b"157" => b"TLS_RSA_WITH_AES_256_GCM_SHA384",
        b"49161" => b"TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA",
        b"49162" => b"TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA",
        b"49171" => b"TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA",
        b"49172" => b"TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA",
        b"49195" => b"TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
        b"49196" => b"TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
        b"49199" => b"TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
        b"49200" => b"TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
        b"52392" => b"TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
        b"52393" => b"TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
        _ => text,
    }
}
