/// What hangs under other records: products of a deal, followers, histories.
extension MemberTable {
    static let children: [String: String] = [
        "deal_products": """
        id:integer sum:number tax:number deal_id:integer name:text product_id:integer product_variation_id:integer
        order_nr:integer add_time:time update_time:time comments:text currency:text discount:number
        discount_type:text quantity:number item_price:number tax_method:text is_enabled:boolean
        billing_frequency:text billing_frequency_cycles:integer billing_start_date:date
        """,
        "deal_installments": """
        id:integer amount:number billing_date:date description:text deal_id:integer
        """,
        "deal_discounts": """
        id:text type:text amount:number description:text deal_id:integer created_at:time created_by:integer
        updated_at:time updated_by:integer
        """,
        "deal_followers": """
        user_id:integer add_time:time
        """,
        "person_followers": """
        user_id:integer add_time:time
        """,
        "organization_followers": """
        user_id:integer add_time:time
        """,
        "product_followers": """
        user_id:integer add_time:time
        """,
        "deal_participants": """
        id:integer person_id:json add_time:time active_flag:boolean related_item_data:json person:json
        added_by_user_id:json related_item_type:text related_item_id:integer
        """,
        "product_variations": """
        id:integer name:text product_id:integer prices:json
        """,
        "note_comments": """
        uuid:text active_flag:boolean add_time:time update_time:time content:text object_id:text object_type:text
        user_id:integer updater_id:integer company_id:integer
        """,
        "organization_relationships": """
        id:integer type:text rel_owner_org_id:json rel_linked_org_id:json add_time:time update_time:time
        active_flag:text calculated_type:text calculated_related_org_id:integer related_organization_name:text
        """,
        "phases": """
        id:integer name:text board_id:integer order_nr:integer add_time:time update_time:time
        """,
        "role_assignments": """
        parent_role_id:integer name:text user_id:integer role_id:integer active_flag:boolean type:text
        """,
        "permission_set_assignments": """
        user_id:integer permission_set_id:text name:text
        """,
        "deal_changelog": """
        field_key:text old_value:text new_value:text actor_user_id:integer time:time change_source:text
        change_source_user_agent:text is_bulk_update_flag:boolean
        """,
        "person_changelog": """
        field_key:text old_value:text new_value:text actor_user_id:integer time:time change_source:text
        change_source_user_agent:text is_bulk_update_flag:boolean
        """,
        "organization_changelog": """
        field_key:text old_value:text new_value:text actor_user_id:integer time:time change_source:text
        change_source_user_agent:text is_bulk_update_flag:boolean
        """,
        "project_changelog": """
        change_source:text change_source_user_agent:text time:time new_values:json old_values:json
        actor_user_id:integer
        """,
        "deal_flow": """
        object:text timestamp:time data:json
        """,
        "mail_messages": """
        object:text timestamp:time data:json
        """,
    ]
}
