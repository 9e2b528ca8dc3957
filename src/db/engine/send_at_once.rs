//! What is sent to `PostgreSQL` leaves at once, instead of waiting until the server has acknowledged what
//! went before (Nagle's algorithm): a statement that takes more than one segment would be held for the 40 ms
//! for which Linux keeps an acknowledgement back.
//!
//! sqlx 0.9.0 leaves the algorithm on (transact-rs/sqlx#4335, mended after it) and keeps its sockets to
//! itself. So they are looked for among the open files of the process, and each is passed once to ourselves,
//! which is how a number becomes a file that is owned without a promise that the compiler can't check. With a
//! release of sqlx that switches it off this module goes.

use std::fs;
use std::io::{self, IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{AsRawFd as _, OwnedFd, RawFd};
use std::os::unix::net::UnixStream;

use nix::sys::socket::{
    ControlMessage, MsgFlags, SockaddrIn, SockaddrIn6, SockaddrStorage, getpeername, sendmsg,
};
use rustix::net::sockopt::set_tcp_nodelay;
use rustix::net::{RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, recvmsg};
use sea_orm::ConnectOptions;
use sea_orm::sqlx::postgres::{PgConnectOptions, PgPoolOptions};

/// The open files of this process, as a folder.
const OPEN_FILES: &str = "/dev/fd";

/// Has each connection that a pool opens to `url` send at once.
pub(super) fn each_connection(options: &mut ConnectOptions, url: &str) {
    let Ok(port) = url.parse().map(|options: PgConnectOptions| options.get_port()) else { return };
    options.map_sqlx_postgres_pool_opts(move |options: PgPoolOptions| {
        options.after_connect(move |_connection, _meta| {
            if let Err(error) = send_at_once(port) {
                tracing::debug!(%error, "What is sent to PostgreSQL may have to wait");
            }
            Box::pin(async { Ok(()) })
        })
    });
}

/// Has whatever is sent from now on leave at once through every connection of this process to that port of
/// any machine.
///
/// # Errors
///
/// What the system says: nothing is wrong then but the speed.
fn send_at_once(port: u16) -> io::Result<()> {
    for entry in fs::read_dir(OPEN_FILES)? {
        let number = entry?.file_name().to_str().and_then(|name| name.parse::<RawFd>().ok());
        let Some(number) = number.filter(|number| leads_to(*number, port)) else { continue };
        // Whoever closed it meanwhile needs it no more.
        if let Ok(socket) = owned(number) {
            set_tcp_nodelay(socket, true).ok();
        }
    }
    Ok(())
}

fn leads_to(number: RawFd, port: u16) -> bool {
    let Ok(peer) = getpeername::<SockaddrStorage>(number) else { return false };
    let v4 = peer.as_sockaddr_in().map(SockaddrIn::port);
    let v6 = peer.as_sockaddr_in6().map(SockaddrIn6::port);
    v4.or(v6) == Some(port)
}

/// The same file under another number, which is ours.
fn owned(number: RawFd) -> io::Result<OwnedFd> {
    let (here, there) = UnixStream::pair()?;
    let message = [ControlMessage::ScmRights(&[number])];
    let byte = [IoSlice::new(&[0])];
    sendmsg::<()>(here.as_raw_fd(), &byte, &message, MsgFlags::empty(), None)?;
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut received = RecvAncillaryBuffer::new(&mut space);
    let byte = &mut [0];
    recvmsg(there, &mut [IoSliceMut::new(byte)], &mut received, RecvFlags::empty())?;
    let files = received.drain().filter_map(|message| match message {
        RecvAncillaryMessage::ScmRights(files) => Some(files),
        _ => None,
    });
    files.flatten().next().ok_or_else(|| io::ErrorKind::NotFound.into())
}

#[cfg(test)]
mod tests {
    use std::net::{TcpListener, TcpStream};

    use super::send_at_once;

    #[test]
    fn connections_to_that_port_and_no_others_send_at_once() {
        let [asked, other] = [(); 2].map(|()| TcpListener::bind("127.0.0.1:0").unwrap());
        let connect = |to: &TcpListener| TcpStream::connect(to.local_addr().unwrap()).unwrap();
        let (to_asked, to_other) = (connect(&asked), connect(&other));
        assert!(!to_asked.nodelay().unwrap());

        send_at_once(asked.local_addr().unwrap().port()).unwrap();

        assert!(to_asked.nodelay().unwrap());
        assert!(!to_other.nodelay().unwrap());
    }
}
