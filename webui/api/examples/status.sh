curl -fsS -H "Authorization: Bearer $TOKEN" "$BOX/api/v1/status"
