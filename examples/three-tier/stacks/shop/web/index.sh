#!/bin/sh
# The page: a frame around what the API says.
if notes=$(wget -qO- "$API_URL/cgi-bin/notes"); then
  status='200 OK'
else
  status='502 Bad Gateway'
  notes='The API does not answer.'
fi
printf 'Status: %s\r\nContent-Type: text/html; charset=utf-8\r\n\r\n' "$status"
cat <<END
<!doctype html>
<title>Notes</title>
<link rel="stylesheet" href="/style.css">
<h1>Notes</h1>
<pre>$(echo "$notes" | sed 's/&/\&amp;/g; s/</\&lt;/g')</pre>
END
