//! Where nobody is sent: an address that is not one of the Internet's, or that says where inside another one is.
//!
//! By IANA's registries "IPv4 Special-Purpose Address Space" (RFC 6890) and "IPv6 Special-Purpose Address Space", as
//! of November 2026, and "IPv6 Global Unicast Address Space", outside which nothing is assigned.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{Ipv4Net, Ipv6Net};

/// Every block that is not globally reachable, is for many, or is only the way to another address.
const NOT_V4: [([u8; 4], u8); 18] = [
    // This network; RFC 791.
    ([0, 0, 0, 0], 8),
    // Private use; RFC 1918.
    ([10, 0, 0, 0], 8),
    // Shared address space, behind a carrier's translation; RFC 6598.
    ([100, 64, 0, 0], 10),
    // Loopback; RFC 1122.
    ([127, 0, 0, 0], 8),
    // Link-local, and the metadata services of clouds; RFC 3927.
    ([169, 254, 0, 0], 16),
    // Private use; RFC 1918.
    ([172, 16, 0, 0], 12),
    // Protocol assignments; RFC 6890.
    ([192, 0, 0, 0], 24),
    // Documentation; RFC 5737.
    ([192, 0, 2, 0], 24),
    // AS112; RFC 7535.
    ([192, 31, 196, 0], 24),
    // AMT; RFC 7450.
    ([192, 52, 193, 0], 24),
    // What was the way to 6to4; RFC 7526.
    ([192, 88, 99, 0], 24),
    // Private use; RFC 1918.
    ([192, 168, 0, 0], 16),
    // Direct delegation of AS112; RFC 7534.
    ([192, 175, 48, 0], 24),
    // Benchmarking; RFC 2544.
    ([198, 18, 0, 0], 15),
    // Documentation; RFC 5737.
    ([198, 51, 100, 0], 24),
    // Documentation; RFC 5737.
    ([203, 0, 113, 0], 24),
    // Multicast; RFC 5771.
    ([224, 0, 0, 0], 4),
    // Reserved, and limited broadcast; RFC 1112, RFC 8190.
    ([240, 0, 0, 0], 4),
];

/// All of IPv6 that is assigned to anybody; loopback, mapped, NAT64, local, link-local and multicast ones are outside.
const GLOBAL_V6: ([u16; 8], u8) = ([0x2000, 0, 0, 0, 0, 0, 0, 0], 3);

/// The same within it.
const NOT_V6: [([u16; 8], u8); 5] = [
    // Protocol assignments, Teredo among them; RFC 2928, RFC 4380.
    ([0x2001, 0, 0, 0, 0, 0, 0, 0], 23),
    // Documentation; RFC 3849.
    ([0x2001, 0xdb8, 0, 0, 0, 0, 0, 0], 32),
    // 6to4; RFC 3056.
    ([0x2002, 0, 0, 0, 0, 0, 0, 0], 16),
    // Direct delegation of AS112; RFC 7534.
    ([0x2620, 0x4f, 0x8000, 0, 0, 0, 0, 0], 48),
    // Documentation; RFC 9637.
    ([0x3fff, 0, 0, 0, 0, 0, 0, 0], 20),
];

/// Whether an address is one of the Internet's, of one machine.
pub fn is_global_unicast(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => !NOT_V4.iter().any(|(block, bits)| {
            Ipv4Net::new(Ipv4Addr::from(*block), *bits).is_ok_and(|net| net.contains(&address))
        }),
        IpAddr::V6(address) => {
            within(GLOBAL_V6, address) && !NOT_V6.iter().any(|block| within(*block, address))
        }
    }
}

fn within((block, bits): ([u16; 8], u8), address: Ipv6Addr) -> bool {
    Ipv6Net::new(Ipv6Addr::from(block), bits).is_ok_and(|net| net.contains(&address))
}
