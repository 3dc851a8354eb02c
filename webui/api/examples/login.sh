curl -fsS -X POST -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' \
  -d '{"extension": "201"}' "$BOX/api/v1/agents/201/login"
