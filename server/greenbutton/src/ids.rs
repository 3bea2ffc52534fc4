//! Identifiers: a UUID of version 5 (RFC 9562, section 5.5) in the namespace of URLs.

use sha1::{Digest as _, Sha1};

/// RFC 9562, section 6.6: the namespace of URLs.
const URLS: [u8; 16] = [0x6b, 0xa7, 0xb8, 0x11, 0x9d, 0xad, 0x11, 0xd1, 0x80, 0xb4, 0x00, 0xc0, 0x4f, 0xd4, 0x30, 0xc8];

/// The UUID of an address, as text.
pub(crate) fn uuid(address: &str) -> String {
    let digest = Sha1::new().chain_update(URLS).chain_update(address).finalize();
    let mut id = [0; 16];
    id.copy_from_slice(&digest[..16]);
    id[6] = id[6] & 0x0f | 0x50;
    id[8] = id[8] & 0x3f | 0x80;
    let n = u128::from_be_bytes(id);
    let part = |from: u32, bits: u32| (n >> (128 - from - bits)) & ((1 << bits) - 1);
    format!("{:08x}-{:04x}-{:04x}-{:04x}-{:012x}", part(0, 32), part(32, 16), part(48, 16), part(64, 16), part(80, 48))
}

/// The identifier of a resource that is found at an address.
#[must_use]
pub fn urn(address: &str) -> String {
    format!("urn:uuid:{}", uuid(address))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_the_uuid_that_everybody_computes() {
        // Computed by Python's uuid.uuid5(uuid.NAMESPACE_URL, …).
        assert_eq!(uuid("https://www.example.com/"), "3d3ed9d2-aa3d-5fa6-90e8-ed662e90f559");
        assert_eq!(urn(""), "urn:uuid:1b4db7eb-4057-5ddf-91e0-36dec72071f5");
    }
}
