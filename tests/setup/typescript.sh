#!/bin/sh
# Checks the types that the comments of the JavaScript declare, where npm is. Takes the options of tsc.
set -eu

VERSION=5.9.3
FOLDER=.venv/typescript
TSC="$FOLDER/node_modules/.bin/tsc"

if ! command -v npm >/dev/null 2>&1; then
    echo "The types of the JavaScript are not checked: npm is not here (Debian: apt-get install npm)." >&2
    exit 0
fi
if [ "$("$TSC" --version 2>/dev/null)" != "Version $VERSION" ]; then
    npm install --silent --no-save --no-audit --no-fund --prefix "$FOLDER" "typescript@$VERSION"
fi
exec "$TSC" "$@"
