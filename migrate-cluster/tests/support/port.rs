use tokio::net::TcpSocket;

/// A port that nobody listens on, and that no other test gets while this process lives.
///
/// It is none of those that the system gives to outgoing connections, of which one may have it a moment later.
pub(crate) fn port() -> u16 {
    let first = std::process::id() % 10_000;
    let mut ports = (first..first + 10_000).map(|number| 20_000 + (number % 10_000) as u16);
    ports.find(|port| is_reserved(*port) && is_free(*port)).unwrap()
}

/// Takes a name that goes with this process, whatever becomes of it.
#[cfg(target_os = "linux")]
fn is_reserved(port: u16) -> bool {
    use std::os::linux::net::SocketAddrExt;
    use std::os::unix::net::{SocketAddr, UnixListener};
    use std::sync::Mutex;

    static TAKEN: Mutex<Vec<UnixListener>> = Mutex::new(Vec::new());
    let name = SocketAddr::from_abstract_name(format!("migrate-test-port-{port}")).unwrap();
    let sign = UnixListener::bind_addr(&name);
    sign.map(|sign| TAKEN.lock().unwrap().push(sign)).is_ok()
}

#[cfg(not(target_os = "linux"))]
fn is_reserved(_: u16) -> bool {
    true
}

fn is_free(port: u16) -> bool {
    // It never listens: a process that starts meanwhile has a copy, and would keep the port.
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_reuseaddr(true).unwrap();
    socket.bind(([127, 0, 0, 1], port).into()).is_ok()
}
