//! An attempt to sign in, and how fast attempts may follow each other.
//!
//! A stranger must not guess, and must not lock anyone out by guessing. So an
//! account's attempts from addresses where it never signed in are counted
//! together, those from an address where it did are counted apart, and what is
//! tried from one address with all accounts is counted as well.

use std::net::{IpAddr, Ipv6Addr};

use chrono::Duration;

use crate::keys::sha256_hex;

/// Where an attempt comes from, as the gateway saw it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Address(IpAddr);

/// How fast attempts may follow each other.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Pace {
    /// Attempts that need not wait.
    pub(crate) free: i32,
    /// The wait after those. It doubles with every further attempt,
    pub(crate) first: Duration,
    /// and grows no longer than this.
    pub(crate) longest: Duration,
}

/// An account, from wherever it has not signed in before.
const ACCOUNT: Pace = Pace {
    free: 5,
    first: Duration::seconds(1),
    longest: Duration::minutes(15),
};

/// An address, with whatever accounts: a nursery may sign in through one.
const ADDRESS: Pace = Pace {
    free: 20,
    first: Duration::seconds(1),
    longest: Duration::minutes(15),
};

/// An account from where it has signed in before. Whoever waits this long is not
/// refused: four seconds are a pause for a person, and 21,600 guesses a day.
const KNOWN: Pace = Pace {
    free: 5,
    first: Duration::seconds(1),
    longest: Duration::seconds(4),
};

/// What attempts are counted by, and how fast they may follow each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Counter {
    /// A hash.
    pub(crate) key: String,
    pub(crate) pace: &'static Pace,
}

/// An attempt to sign in.
#[derive(Clone, Debug)]
pub(crate) struct Attempt {
    account: String,
    address: Option<Address>,
}

// === impl Address ===

impl Address {
    /// Reads what the gateway wrote; `None` for what is no address.
    ///
    /// Whoever has one address of IPv6 has the 2⁶⁴ beside it too.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let address = text.parse::<IpAddr>().ok()?.to_canonical();
        Some(Self(match address {
            IpAddr::V4(_) => address,
            IpAddr::V6(whole) => {
                let network = whole.to_bits() >> 64 << 64;
                IpAddr::V6(Ipv6Addr::from_bits(network))
            }
        }))
    }
}

// === impl Pace ===

impl Pace {
    /// How often the first wait doubles until it is the longest.
    pub(crate) fn doublings(&self) -> i32 {
        let mut wait = self.first;
        let mut doublings = 0;
        while wait < self.longest {
            wait = wait * 2;
            doublings += 1;
        }
        doublings
    }
}

// === impl Attempt ===

impl Attempt {
    /// With this account, whether or not there is one, from this address.
    pub(crate) fn new(email: &str, address: Option<Address>) -> Self {
        Self {
            account: email.trim().to_lowercase(),
            address,
        }
    }

    /// Account and address together, as a hash; none from nowhere.
    pub(crate) fn pair(&self) -> Option<String> {
        let Address(address) = self.address?;
        Some(sha256_hex(&format!("{}\0{address}", self.account)))
    }

    /// What counts this attempt: first the counter that the right password
    /// empties, then the others. Everybody takes them in this order.
    pub(crate) fn counters(&self, is_known: bool) -> (Counter, Option<Counter>) {
        let counter = |what: &str, pace| Counter {
            key: sha256_hex(what),
            pace,
        };
        let of_address = |Address(address)| counter(&format!("from\0{address}"), &ADDRESS);
        match self.pair().filter(|_| is_known) {
            Some(pair) => (counter(&format!("known\0{pair}"), &KNOWN), None),
            None => (
                counter(&format!("account\0{}", self.account), &ACCOUNT),
                self.address.map(of_address),
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> Option<Address> {
        Address::parse(text)
    }

    #[test]
    fn an_address_is_a_network_where_addresses_cost_nothing() {
        assert_eq!(address("2001:db8::1"), address("2001:db8::ffff:1"));
        assert_ne!(address("2001:db8::1"), address("2001:db8:0:1::1"));
        assert_eq!(address("::ffff:192.0.2.1"), address("192.0.2.1"));
        assert_ne!(address("192.0.2.1"), address("192.0.2.2"));
        for text in ["", "192.0.2.1:443", "192.0.2.1, 192.0.2.2", "nowhere"] {
            assert_eq!(address(text), None, "{text}");
        }
    }

    #[test]
    fn waits_double_until_they_are_the_longest() {
        // 1, 2, 4 seconds; 1 to 512 and then 900.
        assert_eq!(KNOWN.doublings(), 2);
        assert_eq!(ACCOUNT.doublings(), 10);
    }

    #[test]
    fn a_known_address_is_counted_apart_from_everything_else() {
        let here = Attempt::new(" Ana@Demeter.Local", address("192.0.2.1"));
        let there = Attempt::new("ana@demeter.local", address("192.0.2.2"));
        let nowhere = Attempt::new("ana@demeter.local", None);

        let (known, besides) = here.counters(true);
        assert_eq!(besides, None);
        assert_ne!(known, there.counters(true).0);
        assert_ne!(known.key, here.counters(false).0.key);
        assert_eq!(here.counters(false).0, there.counters(false).0);
        assert_ne!(here.counters(false).1, there.counters(false).1);
        assert_eq!(nowhere.counters(true), nowhere.counters(false));
    }
}
