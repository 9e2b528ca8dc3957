//! Making links: for whoever sends a mail, in the transaction in which it leaves.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use super::Links;
use super::token::{LinkToken, hash_of_address};
use crate::db::{Connection, StoreError, visit_links};
use crate::domain::ids::uuid_at;
use crate::domain::{LinkTarget, Patient, VisitLink};

/// Where a patient's link leads. Whoever has it may do what it opens: it is told to the patient, and written down
/// nowhere.
#[derive(Clone, PartialEq, Eq)]
pub struct PatientLink {
    base: String,
    path: String,
    token_hash: [u8; 32],
}

impl PatientLink {
    /// The whole address, for a mail.
    pub fn url(&self) -> String {
        format!("{}{}", self.base, self.path)
    }

    /// The path below the address that people type.
    pub fn path(&self) -> &str {
        &self.path
    }
}

impl fmt::Debug for PatientLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PatientLink(..)")
    }
}

impl Links {
    /// A new link to each of several, for the patient whose it is at the address that they have now; in the same order.
    /// One to a visit opens it until the visit is over, the patient has another address, or somebody revokes it; others
    /// of the visit go on. One to an offer opens it as long as that is open.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database fails.
    pub async fn make(
        &self,
        tx: &impl Connection,
        wanted: &[(LinkTarget, &Patient)],
    ) -> Result<Vec<PatientLink>, StoreError> {
        let drawn = wanted.iter().map(|&(target, patient)| self.draw(target, patient));
        let (links, rows): (Vec<_>, Vec<_>) = drawn.unzip();
        visit_links::insert(tx, &rows).await?;
        Ok(links)
    }

    /// One such link.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database fails.
    pub async fn make_one(
        &self,
        tx: &impl Connection,
        target: LinkTarget,
        patient: &Patient,
    ) -> Result<PatientLink, StoreError> {
        let (link, row) = self.draw(target, patient);
        visit_links::insert(tx, &[row]).await?;
        Ok(link)
    }

    /// A link, and how it is kept.
    fn draw(&self, target: LinkTarget, patient: &Patient) -> (PatientLink, (VisitLink, [u8; 32])) {
        let token = LinkToken::generate();
        let row = VisitLink {
            id: uuid_at(self.parts.clock.now()),
            target,
            address_hash: hash_of_address(&patient.email).to_vec(),
            created_at: self.now(),
            revoked_at: None,
        };
        let place = match target {
            LinkTarget::Visit(_) => "visit",
            LinkTarget::Offer(_) => "offer",
        };
        let (token_hash, path) = (token.hash(), format!("/{place}/{}", token.reveal()));
        (PatientLink { base: self.base(), path, token_hash }, (row, token_hash))
    }

    /// Whether a link that was made a moment ago was not revoked since, and the patient has the address still that it was
    /// made for.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database fails.
    pub async fn is_good_for(
        &self,
        link: &PatientLink,
        patient: &Patient,
    ) -> Result<bool, StoreError> {
        let found = visit_links::by_token(self.db().read(), &link.token_hash).await?;
        let address_hash = hash_of_address(&patient.email);
        Ok(found.is_some_and(|link| {
            link.revoked_at.is_none() && link.address_hash == address_hash.as_slice()
        }))
    }

    /// What stands before every path: the address that people type, or where the server listens.
    fn base(&self) -> String {
        self.parts.public_url.clone().unwrap_or_else(|| {
            let address = self.listens_at.get().copied().unwrap_or(self.parts.address);
            format!("http://{}", reachable(address))
        })
    }
}

/// The address that leads to who listens there: nobody calls "every address of this machine".
fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_leads_where_somebody_can_call() {
        for (listens, called) in [
            ("0.0.0.0:8080", "127.0.0.1:8080"),
            ("[::]:80", "[::1]:80"),
            ("10.0.0.7:8080", "10.0.0.7:8080"),
        ] {
            assert_eq!(reachable(listens.parse().unwrap()), called.parse().unwrap());
        }
    }
}
