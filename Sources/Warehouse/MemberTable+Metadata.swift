/// What explains the records: pipelines, users, labels, fields.
extension MemberTable {
    static let metadata: [String: String] = [
        "pipelines": """
        id:integer name:text order_nr:integer is_deleted:boolean is_deal_probability_enabled:boolean
        add_time:time update_time:time
        """,
        "stages": """
        id:integer order_nr:integer name:text is_deleted:boolean deal_probability:number pipeline_id:integer
        is_deal_rot_enabled:boolean days_to_rotten:integer add_time:time update_time:time
        """,
        "users": """
        id:integer name:text default_currency:text locale:text lang:integer email:text phone:text
        activated:boolean last_login:time created:time modified:time has_created_company:boolean access:json
        active_flag:boolean timezone_name:text timezone_offset:text role_id:integer icon_url:text
        is_you:boolean is_deleted:boolean
        """,
        "currencies": """
        id:integer code:text name:text decimal_points:integer symbol:text active_flag:boolean
        is_custom_flag:boolean
        """,
        "activity_types": """
        id:integer name:text icon_key:text color:text order_nr:integer key_string:text active_flag:boolean
        is_custom_flag:boolean add_time:time update_time:time
        """,
        "filters": """
        id:integer name:text filter_code:text is_editable:boolean active_flag:boolean type:text
        temporary_flag:boolean user_id:integer add_time:time update_time:time visible_to:text
        last_used_time:time custom_view_id:integer
        """,
        "lead_labels": """
        id:text name:text color:text add_time:time update_time:time
        """,
        "lead_sources": """
        name:text
        """,
        "deal_fields": """
        field_name:text field_code:text description:text field_type:text options:json subfields:json
        is_custom_field:boolean is_optional_response_field:boolean ui_visibility:json important_fields:json
        required_fields:json
        """,
        "person_fields": """
        field_name:text field_code:text field_type:text options:json subfields:json is_custom_field:boolean
        is_optional_response_field:boolean ui_visibility:json important_fields:json required_fields:json
        description:text
        """,
        "organization_fields": """
        field_name:text field_code:text field_type:text options:json subfields:json is_custom_field:boolean
        is_optional_response_field:boolean ui_visibility:json important_fields:json required_fields:json
        """,
        "product_fields": """
        field_name:text field_code:text field_type:text options:json subfields:json is_custom_field:boolean
        is_optional_response_field:boolean ui_visibility:json
        """,
        "activity_fields": """
        field_name:text field_code:text field_type:text options:json subfields:json is_custom_field:boolean
        is_optional_response_field:boolean ui_visibility:json description:text
        """,
        "project_fields": """
        field_name:text field_code:text field_type:text options:json subfields:json is_custom_field:boolean
        is_optional_response_field:boolean ui_visibility:json important_fields:json required_fields:json
        """,
        "lead_fields": """
        id:integer key:text name:text order_nr:integer field_type:text add_time:time update_time:time
        last_updated_by_user_id:integer created_by_user_id:integer active_flag:boolean edit_flag:boolean
        index_visible_flag:boolean details_visible_flag:boolean add_visible_flag:boolean important_flag:boolean
        bulk_edit_allowed:boolean searchable_flag:boolean filtering_allowed:boolean sortable_flag:boolean
        mandatory_flag:boolean options:json options_deleted:json is_subfield:boolean subfields:json
        """,
        "note_fields": """
        id:integer key:text name:text field_type:text active_flag:boolean edit_flag:boolean bulk_edit_allowed:boolean
        mandatory_flag:boolean options:json add_time:time update_time:time
        """,
    ]
}
