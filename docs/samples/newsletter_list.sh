curl --fail --get "https://us-central1-my-app.cloudfunctions.net/export_segment_csv" \
  --header "Authorization: Bearer $ID_TOKEN" \
  --data-urlencode "segment=attended:devops-2024 and not tag:press" \
  --output newsletter.csv
