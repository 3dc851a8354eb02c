auth="Authorization: Bearer $TOKEN"
call=$(curl -fsS -H "$auth" "$BOX/api/v1/calls?outcome=answered&limit=1" | grep -o '"call_id":"[^"]*' | cut -d '"' -f 4)
curl -fsS -H "$auth" -C - -o "$call.wav" "$BOX/api/v1/calls/$call/recordings/1"
curl -fsS -H "$auth" -C - -o welcome.wav "$BOX/api/v1/prompts/sound?name=zh/welcome"
ls -l "$call.wav" welcome.wav
