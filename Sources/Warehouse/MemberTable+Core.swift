/// The records that people work with.
extension MemberTable {
    static let core: [String: String] = [
        "deals": """
        id:integer title:text owner_id:integer person_id:integer org_id:integer pipeline_id:integer
        stage_id:integer value:number currency:text add_time:time update_time:time stage_change_time:time
        is_deleted:boolean is_archived:boolean status:text probability:number lost_reason:text
        visible_to:integer close_time:time won_time:time lost_time:time expected_close_date:date label_ids:ids
        origin:text origin_id:text channel:integer channel_id:text source_lead_id:text arr:number mrr:number
        acv:number creator_user_id:integer archive_time:time local_won_date:date local_lost_date:date
        local_close_date:date
        """,
        "persons": """
        id:integer name:text first_name:text last_name:text owner_id:integer org_id:integer add_time:time
        update_time:time emails:json phones:json is_deleted:boolean visible_to:integer label_ids:ids
        picture_id:integer postal_address:address notes:text im:json birthday:date job_title:text
        """,
        "organizations": """
        id:integer name:text owner_id:integer add_time:time update_time:time is_deleted:boolean
        visible_to:integer address:address label_ids:ids website:text linkedin:text industry:integer
        annual_revenue:number employee_count:integer org_id:integer
        """,
        "activities": """
        id:integer subject:text type:text owner_id:integer creator_user_id:integer is_deleted:boolean
        add_time:time update_time:time deal_id:integer lead_id:text person_id:integer org_id:integer
        project_id:integer due_date:date due_time:clock duration:text busy:boolean done:boolean
        marked_as_done_time:time location:address participants:json attendees:json
        conference_meeting_client:text conference_meeting_url:text conference_meeting_id:text
        public_description:text priority:integer note:text
        """,
        "products": """
        id:integer name:text code:text unit:text tax:number is_deleted:boolean is_linkable:boolean
        visible_to:integer owner_id:integer add_time:time update_time:time description:text category:text
        billing_frequency:text billing_frequency_cycles:integer prices:json
        """,
        "leads": """
        id:text title:text owner_id:integer creator_id:integer label_ids:json person_id:integer
        organization_id:integer source_name:text origin:text origin_id:text channel:integer channel_id:text
        source_deal_id:integer is_archived:boolean was_seen:boolean value:money expected_close_date:date
        next_activity_id:integer add_time:time update_time:time visible_to:text cc_email:text
        """,
        "notes": """
        id:integer active_flag:boolean add_time:time content:text deal:json lead_id:text deal_id:integer
        last_update_user_id:integer org_id:integer organization:json person:json person_id:integer
        project_id:integer project:json task_id:integer task:json pinned_to_deal_flag:boolean
        pinned_to_organization_flag:boolean pinned_to_person_flag:boolean pinned_to_project_flag:boolean
        pinned_to_task_flag:boolean update_time:time user:json user_id:integer pinned_to_lead_flag:boolean
        """,
    ]
}
