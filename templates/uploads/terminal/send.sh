{% load snippet_strings %}{% autoescape off %}p={{ terminal|sh_string }}
k=$(od -An -tx1 -N16 /dev/urandom | tr -d ' \n') g= a=
s=$(wc -c <"$f") &&
g=$(curl -sS --fail-with-body -H "X-Upload-Key: $k" \
  --data-urlencode "name=${f##*/}" -d "size=$s" "$p/grant") ||
{ printf '%s\n' "$g"; false; } &&
a=$(printf '%s\n' "$g" | { read -r u; curl -gi --fail-with-body -H @- -T "$f" "$u"; }){% endautoescape %}
