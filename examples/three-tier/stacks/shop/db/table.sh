#!/bin/sh
# A database of text files: GET reads the table that the query names, POST appends the rows of the body to it.
table=/var/lib/db/$QUERY_STRING
case $QUERY_STRING in
*[!a-z]* | '')
  printf 'Status: 400 Bad Request\r\n\r\nA table has a name of small letters.\n'
  exit 0
  ;;
esac
if [ "$REQUEST_METHOD" = POST ]; then
  head -c "${CONTENT_LENGTH:-0}" >>"$table"
elif [ ! -e "$table" ]; then
  printf 'Status: 404 Not Found\r\n\r\nThere is no table %s.\n' "$QUERY_STRING"
  exit 0
fi
printf 'Content-Type: text/plain\r\n\r\n'
[ "$REQUEST_METHOD" = POST ] || cat "$table"
