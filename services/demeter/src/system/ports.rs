//! The ports of one system.

use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener};

use anyhow::{Context as _, bail};

const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// Every port that a system listens on: all on loopback, but the gateway's where
/// the operator says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Ports {
    /// The address at which the gateway takes requests.
    pub(crate) listen: IpAddr,
    pub(crate) gateway: u16,
    pub(crate) gateway_admin: u16,
    /// auth, stock, photo, inference.
    pub(crate) grpc: [u16; 4],
    /// auth, stock, photo, inference.
    pub(crate) ops: [u16; 4],
}

// === impl Ports ===

impl Ports {
    /// The documented ones.
    pub(crate) fn standard() -> Self {
        Self {
            listen: LOOPBACK,
            gateway: 8000,
            gateway_admin: 9901,
            grpc: [50051, 50052, 50053, 50054],
            ops: [9051, 9052, 9053, 9054],
        }
    }

    /// The whole set, moved.
    pub(crate) fn from_base(base: u16) -> anyhow::Result<Self> {
        if base == 0 || base > u16::MAX - 24 {
            bail!(
                "--port-base {base} is not usable: choose 1 to {}",
                u16::MAX - 24
            );
        }
        let four = |first: u16| [first, first + 1, first + 2, first + 3];
        Ok(Self {
            listen: LOOPBACK,
            gateway: base,
            gateway_admin: base + 1,
            grpc: four(base + 11),
            ops: four(base + 21),
        })
    }

    /// Ports that nothing listens on now.
    pub(crate) fn free() -> anyhow::Result<Self> {
        // All are held until all are known, so that none comes twice.
        let held = (0..10)
            .map(|_| TcpListener::bind((Ipv4Addr::LOCALHOST, 0)))
            .collect::<Result<Vec<_>, _>>()
            .context("cannot find free ports")?;
        let mut ports = [0; 10];
        for (port, listener) in ports.iter_mut().zip(&held) {
            *port = listener.local_addr()?.port();
        }
        let [gateway, gateway_admin, grpc @ .., _, _, _, _] = ports;
        let [.., auth, stock, photo, inference] = ports;
        Ok(Self {
            listen: LOOPBACK,
            gateway,
            gateway_admin,
            grpc,
            ops: [auth, stock, photo, inference],
        })
    }

    /// The same, with the gateway at another address.
    pub(crate) fn with_listen(self, listen: IpAddr) -> Self {
        Self { listen, ..self }
    }

    /// Where the gateway takes requests.
    pub(crate) fn gateway(&self) -> SocketAddr {
        SocketAddr::new(self.listen, self.gateway)
    }

    /// Where a program on this machine reaches the gateway.
    pub(crate) fn gateway_from_here(&self) -> IpAddr {
        if self.listen.is_unspecified() {
            LOOPBACK
        } else {
            self.listen
        }
    }

    /// Says which port is taken, before anything starts.
    pub(crate) fn check_free(&self) -> anyhow::Result<()> {
        let local = |port| SocketAddr::new(LOOPBACK, port);
        let mut wanted = vec![
            ("the gateway".to_owned(), self.gateway()),
            ("the gateway's admin".to_owned(), local(self.gateway_admin)),
        ];
        for (index, name) in ["auth", "stock", "photo", "inference"]
            .into_iter()
            .enumerate()
        {
            wanted.push((format!("{name} (gRPC)"), local(self.grpc[index])));
            wanted.push((format!("{name} (ops)"), local(self.ops[index])));
        }
        for (user, address) in wanted {
            let port = address.port();
            TcpListener::bind(address).with_context(|| {
                format!("port {port} for {user} is not free: stop what uses it, or move all ports with --port-base N")
            })?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_taken_port_is_named_with_a_way_out() {
        let ports = Ports::free().unwrap();
        let _taken = TcpListener::bind((Ipv4Addr::LOCALHOST, ports.grpc[1])).unwrap();

        let error = format!("{:#}", ports.check_free().unwrap_err());

        assert!(
            error.contains(&ports.grpc[1].to_string()) && error.contains("stock"),
            "{error}"
        );
        assert!(error.contains("--port-base"), "{error}");
    }

    #[test]
    fn only_the_gateway_leaves_loopback_and_only_when_told() {
        let ports = Ports::standard();
        let anywhere = ports.clone().with_listen(Ipv4Addr::UNSPECIFIED.into());

        assert!(ports.gateway().ip().is_loopback());
        assert_eq!(anywhere.gateway().to_string(), "0.0.0.0:8000");
        assert_eq!(anywhere.gateway_from_here(), LOOPBACK);
    }

    #[test]
    fn a_base_moves_every_port_and_none_comes_twice() {
        let ports = Ports::from_base(21000).unwrap();
        let mut all = vec![ports.gateway, ports.gateway_admin];
        all.extend(ports.grpc);
        all.extend(ports.ops);
        all.sort_unstable();
        all.dedup();

        assert_eq!(all.len(), 10);
        assert!(all.iter().all(|port| (21000..21025).contains(port)));
        assert!(Ports::from_base(65530).is_err());
    }
}
