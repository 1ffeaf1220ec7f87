#!/bin/sh
# Applies, in order, each line of /migrations.txt whose number the database has not recorded yet.
set -eu
table=$DATABASE_URL/cgi-bin/table
applied=$(wget -qO- "$table?schema" 2>/dev/null | wc -l)
tail -n +$((applied + 1)) /migrations.txt | while IFS='|' read -r number name row; do
  wget -qO /dev/null --post-data "$row
" "$table?$name"
  wget -qO /dev/null --post-data "$number
" "$table?schema"
  echo "applied migration $number to $name"
done
