#!/bin/sh
# Makes sure that the fault suite finds a Firefox: the system's, or Debian's package when we may install it. It is
# driven by Marionette, which every Firefox brings along: no driver is needed.
set -eu

for name in "${FIREFOX:-}" firefox-esr firefox; do
    if [ -n "$name" ] && command -v "$name" >/dev/null 2>&1; then exit 0; fi
done
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing Firefox (Debian package) for the fault suite."
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends firefox-esr >/dev/null
    exit 0
fi
echo "The fault suite needs Firefox. Install it (Debian: apt-get install firefox-esr), or set FIREFOX to its path." >&2
exit 1
