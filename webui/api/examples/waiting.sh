curl -fsS -X PUT -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' \
  -d '{"new": 3}' "$BOX/api/v1/extensions/201/waiting"
