/// Projects, files, mail and what only administrators see.
extension MemberTable {
    static let others: [String: String] = [
        "projects": """
        id:integer title:text description:text status:text board_id:integer phase_id:integer owner_id:integer
        start_date:date end_date:date deal_ids:ids person_ids:ids org_ids:ids label_ids:ids
        health_status:integer add_time:time update_time:time status_change_time:time archive_time:time
        """,
        "tasks": """
        id:integer title:text creator_id:integer description:text project_id:integer is_done:boolean
        is_milestone:boolean due_date:date start_date:date parent_task_id:integer assignee_ids:ids
        priority:integer add_time:time update_time:time marked_as_done_time:time
        """,
        "boards": """
        id:integer name:text order_nr:integer add_time:time update_time:time
        """,
        "project_templates": """
        id:integer title:text description:text projects_board_id:integer owner_id:integer add_time:time
        update_time:time
        """,
        "files": """
        id:integer user_id:integer deal_id:integer person_id:integer org_id:integer product_id:integer
        activity_id:integer lead_id:text project_id:integer add_time:time update_time:time file_name:text
        file_size:integer active_flag:boolean inline_flag:boolean remote_location:text remote_id:text cid:text
        s3_bucket:text mail_message_id:text mail_template_id:text deal_name:text person_name:text org_name:text
        product_name:text lead_name:text project_name:text url:text name:text description:text log_id:integer
        file_type:text
        """,
        "call_logs": """
        user_id:integer activity_id:integer subject:text duration:integer outcome:text from_phone_number:text
        to_phone_number:text start_time:time end_time:time person_id:integer org_id:integer deal_id:integer
        lead_id:text note:text id:text has_recording:boolean company_id:integer
        """,
        "mail_threads": """
        id:integer account_id:text user_id:integer subject:text snippet:text read_flag:boolean
        mail_tracking_status:text has_attachments_flag:boolean has_inline_attachments_flag:boolean
        has_real_attachments_flag:boolean deleted_flag:boolean synced_flag:boolean smart_bcc_flag:boolean
        mail_link_tracking_enabled_flag:boolean parties:json drafts_parties:json folders:json version:integer
        snippet_draft:text snippet_sent:text message_count:integer has_draft_flag:boolean has_sent_flag:boolean
        archived_flag:boolean shared_flag:boolean external_deleted_flag:boolean
        first_message_to_me_flag:boolean last_message_timestamp:time first_message_timestamp:time
        last_message_sent_timestamp:time last_message_received_timestamp:time add_time:time update_time:time
        deal_id:integer deal_status:text lead_id:text all_messages_sent_flag:boolean
        """,
        "goals": """
        id:text owner_id:integer title:text type:json assignee:json interval:text duration:json
        expected_outcome:json is_active:boolean report_ids:json
        """,
        "roles": """
        parent_role_id:integer name:text id:integer active_flag:boolean assignment_count:integer
        sub_role_count:integer level:integer
        """,
        "permission_sets": """
        id:text name:text description:text app:text type:text assignment_count:integer
        """,
        "webhooks": """
        id:integer company_id:integer owner_id:integer user_id:integer event_action:text event_object:text
        subscription_url:text version:text is_active:boolean add_time:time remove_time:time type:text
        http_auth_user:text http_auth_password:text remove_reason:text last_delivery_time:time
        last_http_status:integer admin_id:integer name:text
        """,
    ]
}
