# Raw combined lines to NDJSON with gawk: one regular expression; times and paths stay as logged.
function text(name, value) {
  if (value == "-" || value == "") return ""
  gsub(/\\/, "\\\\", value)
  gsub(/"/, "\\\"", value)
  return ",\"" name "\":\"" value "\""
}
match($0, /^([^ ]+) ([^ ]+) ([^ ]+) \[([^\]]+)\] "([^ "]+) ([^ "]+) ([^"]+)" ([0-9]{3}) ([^ ]+)( "(([^"\\]|\\.)*)" "(([^"\\]|\\.)*)")?/, m) {
  printf "{\"time\":\"%s\"%s%s%s%s%s%s,\"status\":%d", m[4], text("remote_addr", m[1]), text("remote_logname", m[2]),
    text("remote_user", m[3]), text("method", m[5]), text("target", m[6]), text("protocol", m[7]), m[8]
  if (m[9] != "-") printf ",\"bytes\":%s", m[9]
  print text("referer", m[11]) text("user_agent", m[13]) "}"
}
