#!/bin/sh
# Makes sure that the browser tests find a Chromium: the system's, or Debian's package when we may install it.
set -eu

for name in "${CHROMIUM:-}" chromium chromium-browser google-chrome google-chrome-stable; do
    if [ -n "$name" ] && command -v "$name" >/dev/null 2>&1; then exit 0; fi
done
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing Chromium (Debian package) for the browser tests."
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium fonts-noto-cjk >/dev/null
    exit 0
fi
if .venv/bin/python -m playwright install chromium; then exit 0; fi
echo "The browser tests need Chromium. Install it (Debian: apt-get install chromium), or set CHROMIUM to its path." >&2
exit 1
