/// Roles, permission sets, teams, goals and webhooks (v1).
extension RecordWriter {
    static let goalTypes = [
        "deals_won", "deals_progressed", "activities_completed", "activities_added", "deals_started",
    ]
    static let goalAssignees = ["person", "company", "team"]
    static let permissionApps = ["sales", "global", "projects", "campaigns", "account_settings"]

    func role(_ row: RecordRow) -> String {
        #"{"id":\#(row.id),"parent_role_id":\#(max(1, row.id / 2)),"name":"Role \#(row.id)\#(suffix(row))","#
            + #""active_flag":true,"assignment_count":"\#(row.id % 3)","sub_role_count":"0","#
            + #""level":\#(row.id < 3 ? 1 : 2)}"#
    }

    func permissionApp(_ row: RecordRow) -> String {
        RecordWriter.permissionApps[(Int(row.id) - 1) % RecordWriter.permissionApps.count]
    }

    func permissionSet(_ row: RecordRow) -> String {
        #"{"id":"\#(key(.permissionSets, row))","name":"Set \#(row.id)\#(suffix(row))","description":"Access to data","#
            + #""app":"\#(permissionApp(row))","type":"\#(row.id % 2 == 0 ? "admin" : "regular")","#
            + #""assignment_count":\#(row.id)}"#
    }

    func teamManager(_ row: RecordRow) -> Int { RecordWriter.firstUserID + Int(row.id) % RecordWriter.userCount }

    func team(_ row: RecordRow, skipsUsers: Bool) -> String {
        let users = [0, 1, 2].map { RecordWriter.firstUserID + (Int(row.id) * 3 + $0) % RecordWriter.userCount }
        return #"{"id":\#(row.id),"name":"Team \#(row.id)\#(suffix(row))","description":"Berlin office","#
            + #""manager_id":\#(teamManager(row)),\#(skipsUsers ? "" : #""users":\#(RecordWriter.list(users)),"#)"#
            + #""active_flag":\#(row.id % 2),"deleted_flag":0,"add_time":"\#(Stamp.spaced(row.addMilliseconds))","#
            + #""created_by_user_id":8870}"#
    }

    func goalType(_ row: RecordRow) -> String { RecordWriter.goalTypes[Int(row.id) % RecordWriter.goalTypes.count] }
    func goalAssignee(_ row: RecordRow) -> String { RecordWriter.goalAssignees[Int(row.id) % 3] }
    func goalMetric(_ row: RecordRow) -> String { row.id % 4 == 0 ? "sum" : "quantity" }
    func isGoalActive(_ row: RecordRow) -> Bool { (Int(row.id) + Int(row.revision)) % 3 != 0 }
    func goalTitle(_ row: RecordRow) -> String { "Goal \(row.id)\(suffix(row))" }

    func goal(_ row: RecordRow) -> String {
        var dice = dice(.goals, row)
        return #"{"id":"\#(key(.goals, row))","owner_id":\#(owner(.goals, row.id)),"title":"\#(goalTitle(row))","#
            + #""type":{"name":"\#(goalType(row))","#
            + #""params":{"pipeline_id":[1,2],"activity_type_id":[\#(dice.below(6))]}},"#
            + #""assignee":{"type":"\#(goalAssignee(row))","id":\#(goalAssigneeID(row))},"interval":"weekly","#
            + #""duration":{"start":"2019-11-01","end":null},"expected_outcome":{"target":\#(dice.below(1000)),"#
            + #""tracking_metric":"\#(goalMetric(row))"},"is_active":\#(isGoalActive(row)),"#
            + #""report_ids":["\#(dice.hex(32))"]}"#
    }

    func goalAssigneeID(_ row: RecordRow) -> Int { owner(.goals, row.id) }

    func webhook(_ row: RecordRow) -> String {
        #"{"id":\#(row.id),"company_id":\#(RecordWriter.companyID),"owner_id":8870,"user_id":8870,"event_action":"*","#
            + #""event_object":"deal","subscription_url":"https:\/\/hooks.example\/\#(row.id)","version":"2.0","#
            + #""is_active":\#(row.revision % 3 == 2 ? 0 : 1),"add_time":"\#(Stamp.fractional(row.addMilliseconds))","#
            + #""remove_time":null,"type":"general","http_auth_user":null,"http_auth_password":null,"#
            + #""remove_reason":null,"last_delivery_time":"\#(Stamp.fractional(row.updateMilliseconds))","#
            + #""last_http_status":200,"admin_id":8870,"name":"Hook \#(row.id)"}"#
    }
}
