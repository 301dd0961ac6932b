"""The SDK's way to a local engine, but for one thing: a connection that is refused is closed, not left open."""

import socket

from docker import APIClient
from docker.transport.unixconn import UnixHTTPAdapter, UnixHTTPConnection, UnixHTTPConnectionPool

LOCAL = "http+docker://"
"""What the SDK calls an engine behind a socket of this machine."""


def tidy(api: APIClient) -> APIClient:
    """The same client, with such connections where its engine is behind a local socket."""
    usual = api.adapters.get(LOCAL)
    if isinstance(usual, UnixHTTPAdapter):
        api.mount(LOCAL, _Adapter(usual.socket_path, usual.timeout, max_pool_size=usual.max_pool_size))
    return api


class _Connection(UnixHTTPConnection):
    def connect(self) -> None:
        fresh = socket.socket(socket.AF_UNIX)
        try:
            fresh.settimeout(self.timeout)
            fresh.connect(self.unix_socket)
        except BaseException:
            fresh.close()
            raise
        self.sock = fresh


class _Pool(UnixHTTPConnectionPool):
    def _new_conn(self) -> UnixHTTPConnection:  # type: ignore[override]
        return _Connection(self.base_url, self.socket_path, self.timeout)  # type: ignore[arg-type]


class _Adapter(UnixHTTPAdapter):
    def get_connection(self, url: str, proxies: object = None) -> UnixHTTPConnectionPool:  # type: ignore[override]
        """One pool for each address, as the SDK has it: no other request finds the connection of an attach in it."""
        with self.pools.lock:
            pool = self.pools.get(url)
            if pool is None:
                pool = self.pools[url] = _Pool(url, self.socket_path, self.timeout, maxsize=self.max_pool_size)
        return pool
