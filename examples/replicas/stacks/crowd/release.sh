#!/bin/sh
printf 'Content-Type: text/plain\r\n\r\nrelease %s from %s\n' "$RELEASE" "$(hostname)"
