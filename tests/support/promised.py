"""Names that host apps and staff consoles rely on."""

TRIGGERS = {"on_order_written": "orders/{orderId}", "on_user_written": "users/{uid}"}

PROMISED = {
    *TRIGGERS,
    "get_customer", "list_orders", "query_segment", "search_customers", "count_segment",
    "list_tags", "tag_customers", "rename_tag", "delete_tag", "save_segment", "list_segments",
    "delete_segment", "merge_customers", "unmerge_customers", "set_consent", "export_customer",
    "delete_customer", "rebuild_customers", "get_job", "list_quarantine", "retry_quarantine",
    "claim_my_orders", "export_my_data", "delete_my_data", "export_segment_csv", "unsubscribe",
    "worker", "sweep",
    "list_audit", "list_requests", "get_unsubscribe_headers", "cancel_job", "retry_job",
    "list_consents", "list_events", "get_event", "get_figures",
    "get_event_sales", "compare_events", "get_cohorts", "get_growth",
    "set_fields", "list_fields",
    "subscribe", "confirm_subscription",
    "set_reachable", "check_sender", "mail_events",
    "save_campaign", "list_campaigns", "get_campaign", "get_campaign_results", "delete_campaign",
    "preview_campaign", "test_campaign", "send_campaign", "pause_campaign", "resume_campaign",
    "cancel_campaign", "list_recipients", "resolve_recipients", "list_mails",
    "import_contacts", "undo_import", "list_imports",
    "preview_rule",
    "add_note", "list_notes", "delete_note",
    "save_rule", "list_rules", "delete_rule", "list_rule_runs",
    "list_staff", "grant_role", "revoke_role", "get_settings", "get_setup",
    "get_processing_record", "explain_quarantine", "get_news",
}  # fmt: skip
"""Every function that there is or will be; one with any other name is a mistake."""
