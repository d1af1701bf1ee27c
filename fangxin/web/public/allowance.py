"""How often one address may knock. A brake on floods, counted in each web worker's memory."""

import hashlib
import ipaddress
import time
from dataclasses import dataclass

from django.core.cache import cache


@dataclass(frozen=True)
class Allowance:
    """At most `most` counts from one address in each window of `seconds`; `most` 0 sets no limit."""

    name: str
    most: int
    seconds: int

    def used_up(self, address: str) -> bool:
        """Whether this address must wait for the next window."""
        return bool(self.most) and int(cache.get(self._key(address), 0)) >= self.most

    def count(self, address: str) -> None:
        """One more from this address."""
        key = self._key(address)
        cache.add(key, 0, self.seconds)
        try:
            cache.incr(key)
        except ValueError:  # the window ended, or the cache was cleared, in between
            cache.set(key, 1, self.seconds)

    @property
    def wait(self) -> int:
        """Seconds until the next window."""
        return self.seconds - int(time.time()) % self.seconds

    def _key(self, address: str) -> str:
        window = int(time.time()) // self.seconds
        # Hashed, so that the memory holds no list of who complained.
        return f"{self.name}:{window}:{hashlib.sha256(_network(address).encode()).hexdigest()[:32]}"


def _network(address: str) -> str:
    """The address; of IPv6 the /64, which one caller has whole."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped is None:
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return address
