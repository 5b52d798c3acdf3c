/// Which rows a list shows, and which of them a request asks for.
extension ListPage {
    /// Only deals and projects show deleted records, and only when asked to, deals only for thirty days.
    func isShown(_ row: RecordRow) -> Bool {
        let kind = endpoint.kind
        if kind == .deals || kind == .leads || kind == .projects, row.isArchived != endpoint.isArchive { return false }
        if kind == .projects {
            return query.statuses?.contains(writer.projectStatus(row)) ?? !row.isDeleted
        }
        if row.isDeleted {
            return kind == .deals && query.statuses?.contains("deleted") == true
                && row.updateMilliseconds + ListPage.purgeMilliseconds > nowMilliseconds
        }
        return query.statuses?.contains(row.status.rawValue) ?? true
    }

    func hasValues(_ row: RecordRow) -> Bool {
        if let term = query.texts["term"], !writer.json(endpoint.kind, row).contains(term) { return false }
        if endpoint.kind == .goals { return isGoalWanted(row) }
        return query.flags.allSatisfy { hasFlag(row, $0, $1) } && query.chosen.allSatisfy { hasChosen(row, $0, $1) }
            && query.equals.allSatisfy { hasNumber(row, $0, $1) }
    }

    private func hasFlag(_ row: RecordRow, _ name: String, _ wanted: Bool) -> Bool {
        switch name {
        case "is_done": writer.isTaskDone(row) == wanted
        case "is_milestone": writer.isMilestone(row) == wanted
        default: writer.isDone(row) == wanted
        }
    }

    private func hasChosen(_ row: RecordRow, _ name: String, _ wanted: String) -> Bool {
        switch name {
        case "type": writer.filterType(row) == wanted
        case "app": writer.permissionApp(row) == wanted
        case "folder": writer.folders(row).contains(wanted)
        default: true
        }
    }

    private func hasNumber(_ row: RecordRow, _ name: String, _ wanted: Int) -> Bool {
        let kind = endpoint.kind
        return switch name {
        case "filter_id", "skip_users": true
        case "owner_id", "user_id", "assignee_id": writer.owner(kind, row.id) == wanted
        case "person_id": writer.personID(kind, row.id) == wanted
        case "org_id", "organization_id": writer.organizationID(kind, row.id) == wanted
        case "deal_id": writer.dealID(kind, row.id) == wanted
        case "pipeline_id": (kind == .stages ? writer.stagePipeline(row) : writer.pipeline(row.id)) == wanted
        case "stage_id": writer.stage(row) == wanted
        case "phase_id": writer.phaseID(row) == wanted
        case "board_id": writer.boardOfPhase(Int(row.id)) == wanted
        case "project_id" where kind == .tasks: writer.projectID(row) == wanted
        case "parent_task_id": (writer.parentTask(row) ?? 0) == wanted
        // Nothing is pinned, and nothing belongs to a lead, project or task.
        case let name where name.hasPrefix("pinned_to_"): wanted == 0
        default: false
        }
    }

    /// Without a parameter that asks for everyone's goals only the caller's own are found, and without `is_active`
    /// only the active ones.
    private func isGoalWanted(_ row: RecordRow) -> Bool {
        guard writer.isGoalActive(row) == query.flags["is_active"] ?? true else { return false }
        let forEveryone = query.given.contains { $0.hasPrefix("type.") || $0.hasPrefix("expected_outcome.") }
        if let wanted = query.equals["assignee.id"], writer.goalAssigneeID(row) != wanted { return false }
        if !forEveryone, query.equals["assignee.id"] == nil, query.chosen["assignee.type"] == nil,
            writer.owner(.goals, row.id) != RecordWriter.firstUserID
        {
            return false
        }
        if let title = query.texts["title"], writer.goalTitle(row) != title { return false }
        return query.chosen.allSatisfy { name, wanted in
            switch name {
            case "type.name": writer.goalType(row) == wanted
            case "assignee.type": writer.goalAssignee(row) == wanted
            default: writer.goalMetric(row) == wanted
            }
        } && query.equals.keys.allSatisfy { $0 == "assignee.id" }
    }
}
