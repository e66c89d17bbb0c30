//! Encryption of addresses that keeps networks together: Crypto-PAn.
//!
//! J. Xu, J. Fan, M. Ammar, S. Moon: Prefix-Preserving IP Address Anonymization (ICNP 2002).
//! Two addresses that share exactly their first k bits do so afterwards. Bit k of the pad is
//! the first bit of AES over the first k bits of the address followed by the rest of a secret
//! block. It is a pseudonym, not anonymity: who can place a few addresses in the log learns
//! the prefixes of their neighbours.

use aes::{
    Aes128,
    cipher::{Array, BlockCipherEncrypt, KeyInit},
};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Crypto-PAn under one key.
#[derive(Clone)]
pub(super) struct CryptoPan {
    cipher: Aes128,
    pad: u128,
}

impl CryptoPan {
    /// The first half of the key is that of AES, the second half is encrypted to be the pad.
    pub(super) fn new(key: &[u8; 32]) -> CryptoPan {
        let (key, pad) = key.split_at(16);
        let cipher = Aes128::new(&Array::try_from(key).expect("half of 32 bytes is 16"));
        let mut pad = Array::try_from(pad).expect("half of 32 bytes is 16");
        cipher.encrypt_block(&mut pad);
        CryptoPan { cipher, pad: u128::from_be_bytes(pad.into()) }
    }

    /// The address in place of another one.
    pub(super) fn encrypt(&self, address: IpAddr) -> IpAddr {
        match address {
            IpAddr::V4(address) => {
                let bits = u128::from(address.to_bits()) << 96;
                IpAddr::V4(Ipv4Addr::from_bits(((bits ^ self.mask::<32>(bits)) >> 96) as u32))
            }
            IpAddr::V6(address) => {
                let bits = address.to_bits();
                IpAddr::V6(Ipv6Addr::from_bits(bits ^ self.mask::<128>(bits)))
            }
        }
    }

    /// What the first `BITS` bits have to be combined with. All blocks are known beforehand, so
    /// that the cipher can do several at once.
    fn mask<const BITS: usize>(&self, address: u128) -> u128 {
        let mut blocks: [_; BITS] = std::array::from_fn(|kept| {
            let ours = u128::MAX.checked_shl(128 - kept as u32).unwrap_or(0);
            Array::from(((address & ours) | (self.pad & !ours)).to_be_bytes())
        });
        self.cipher.encrypt_blocks(&mut blocks);
        let bits = blocks.iter().fold(0, |mask: u128, block| mask << 1 | u128::from(block[0] >> 7));
        bits << (128 - BITS)
    }
}
