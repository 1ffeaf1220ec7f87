#!/bin/sh
# The notes as JSON, oldest first; 503 while the database has no such table.
if ! rows=$(wget -qO- "$DATABASE_URL/cgi-bin/table?notes"); then
  printf 'Status: 503 Service Unavailable\r\nContent-Type: text/plain\r\n\r\nThe database has no notes.\n'
  exit 0
fi
printf 'Content-Type: application/json\r\n\r\n'
echo "$rows" | awk '
  BEGIN { printf "[" }
  NF { gsub(/["\\]/, "\\\\&"); printf "%s\"%s\"", separator, $0; separator = "," }
  END { print "]" }'
