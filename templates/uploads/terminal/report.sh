printf '%s' "$a" | curl -sS --fail-with-body -H "X-Upload-Key: $k" \
  --data-urlencode answer@- "$p/result"
